"""What a person does to runs that are there: stop, clean up, ask for anew, adopt, release."""
