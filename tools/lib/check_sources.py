"""What check-layers and check-style share: the C files of a tree, and how faults are told."""

import os
import re
import sys

EXIT_OK = 0
EXIT_USAGE = 2
EXIT_FAULTS = 4

FOLDERS = ('app', 'drivers', 'lib', 'test', 'tools/src')

# A comment or a literal, whole; a quote inside a comment begins nothing, and the other way round.
COMMENT_OR_LITERAL = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def c_files(root, folders=FOLDERS):
    """Paths of the .c and .h files below the folders, relative to root, sorted."""
    found = []
    for folder in folders:
        for directory, _, names in os.walk(os.path.join(root, folder)):
            found += [os.path.relpath(os.path.join(directory, name), root)
                      for name in names if name.endswith(('.c', '.h'))]
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding='utf-8', errors='replace') as file:
        return file.read()


def without_comments_and_literals(text):
    """The same lines with comments and the insides of literals blank, so that words are code."""
    def blank(match):
        return re.sub(r'[^\n]', ' ', match.group())
    return COMMENT_OR_LITERAL.sub(blank, text)


class Faults:
    """Collects faults, prints each as "file:line: what (rule)", and makes the exit status."""

    def __init__(self, program):
        self.program = program
        self.count = 0

    def add(self, path, line, what, rule):
        place = f'{path}:{line}' if line else path
        print(f'{place}: {what} ({rule})')
        self.count += 1

    def finish(self, files):
        word = 'fault' if self.count == 1 else 'faults'
        print(f'{self.program}: {files} files, {self.count} {word}')
        return EXIT_FAULTS if self.count else EXIT_OK


def require_tree(root, program):
    """Ends the program with a usage error when root does not hold a tree to check."""
    if not os.path.isdir(os.path.join(root, 'lib')):
        print(f'{program}: {root} has no folder lib; give the root of the sources with --root',
              file=sys.stderr)
        sys.exit(EXIT_USAGE)
