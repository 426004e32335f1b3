"""What git knows of the folder that a project lives in; git only reads, and runs no other program."""
