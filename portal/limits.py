"""How often one address may ask something of the public pages. Counted in the shared cache, so for all processes together."""

from django.core.cache import cache

from portal import request_facts


def too_many(what: str, *, tries: int, window: int, now, whose: object = None) -> bool:
    """Count this request of the present address, or of `whose`; are its `tries` in the present `window` of seconds used up?"""
    address = request_facts.facts().get("ip", "") if whose is None else whose
    key = f"{what}:{address}:{int(now.timestamp()) // window}"
    cache.add(key, 0, window)
    try:
        count = cache.incr(key)
        cache.touch(key, window)  # the table of the database would forget the count after Django's 5 minutes
        return count > tries
    except ValueError:  # it ran out between the two calls: a new window has begun
        return False
