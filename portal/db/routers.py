"""Where a query goes when no connection is named."""


class RateLimitRouter:
    """Rate-limit counters live in the cache table and use a second connection.

    A request that is rolled back must still count; so the cache never shares the request's transaction.
    """

    def db_for_read(self, model, **hints):
        return "ratelimit" if model._meta.app_label == "django_cache" else None

    db_for_write = db_for_read

    def allow_migrate(self, db, app_label, **hints):
        return db == "default"
