"""The nouns: frozen values, with no behaviour beyond questions about themselves.

JSON-shaped values (`Spec`, `Run.body`) are read-only by convention: nobody changes one after it was built.
"""
