"""What a stranger may leave where a file belongs."""

import os


def link(path, target):
    path.symlink_to(target)


def hard_link(path, target):
    path.hardlink_to(target)


def pipe(path, _target):
    os.mkfifo(path)


def folder(path, _target):
    path.mkdir()
