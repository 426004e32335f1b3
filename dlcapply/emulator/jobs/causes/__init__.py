"""What each cause looks like from outside: reasons, events and logs, in several wordings each.

Where Kubernetes, containerd, PyTorch, NCCL or Open MPI print a line, it is theirs. PAI's own words are mostly
unknown, and other software of the same kind words the same thing otherwise: a reader that knows one sentence
by heart has understood nothing, so every cause has `VARIANTS` wordings.
"""
