"""How often one address may ask something of the public pages. Counted in the shared cache, so for all processes together."""

from django.core.cache import cache

from portal import request_facts


def too_many(what: str, *, tries: int, window: int, now) -> bool:
    """Count this request of the present address; has it used up its `tries` in the present `window` of seconds?"""
    address = request_facts.facts().get("ip", "")
    key = f"{what}:{address}:{int(now.timestamp()) // window}"
    cache.add(key, 0, window)
    try:
        return cache.incr(key) > tries
    except ValueError:  # it ran out between the two calls: a new window has begun
        return False
