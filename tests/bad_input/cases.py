"""The cases by name, in the order in which they are listed."""
CASES = {}


def case(name):
    def add(function):
        CASES[name] = function
        return function
    return add
