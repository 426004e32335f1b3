"""What a program calls to look after runs: names in, values out; `dlcapply` exports it."""
