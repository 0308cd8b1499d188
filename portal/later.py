"""Packages that few requests need are loaded when they are first used: a process that only shows pages starts sooner."""

from importlib import import_module


class Later:
    """Stands for a module. Type checkers are given the module itself, by an import that only they see."""

    def __init__(self, name: str):
        self.__dict__["name"] = name

    def __getattr__(self, attribute):
        return getattr(import_module(self.__dict__["name"]), attribute)
