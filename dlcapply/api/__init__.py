"""The use cases: values in, values out, callbacks for consent and progress; nothing is printed."""
