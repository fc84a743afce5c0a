"""Memory is given back, and nothing breaks where it can't be."""

import ctypes

from slm.engine import free_memory


def test_freed_memory_can_be_given_back_again_and_again():
    """Pinned behaviour: the call has no effect that a program can see."""
    free_memory.give_back()
    free_memory.give_back()


def test_a_c_library_without_the_call_is_left_alone(monkeypatch):
    """Fault: musl has no malloc_trim."""
    free_memory._malloc_trim.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())

    free_memory.give_back()

    free_memory._malloc_trim.cache_clear()
