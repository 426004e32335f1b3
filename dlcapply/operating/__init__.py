"""What goes on with runs: followed, read, and asked about, while nothing but reading is done."""
