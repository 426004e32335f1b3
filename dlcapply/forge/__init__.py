"""Where reviews happen: comments, checks, artefacts and merged pull requests of a forge.

Everything but the package `github` speaks of the protocol in `service.py` alone: another forge is another
package beside it.
"""
