"""The entry point: `flask --app wsgi …`, or `python wsgi.py` to serve with waitress."""

import logging
import signal
import sys

from app import create_app, logs
from app.config import from_environment
from app.db import pending_migrations
from app.notices import ticker

app = create_app()

CONNECTIONS = 800
"""Held at once, most of them idle. With the database's files they stay below the 1,024 that a process may open."""


def main() -> None:
    """Serve until SIGTERM or Ctrl-C; requests under way are finished first."""
    from waitress import create_server

    settings = from_environment()
    if pending_migrations(settings.database):
        sys.exit("The database is not up to date. Back it up, then run: flask --app wsgi migrate")
    logs.configure(settings.log)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = create_server(
        app,
        host=settings.host,
        port=settings.port,
        threads=settings.threads,
        ident=None,
        # A browser holds its connection for a while after a page; with waitress's own 100 the next phone waits for one.
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,
        # Beyond the app's own limit, so that the refusal comes in words; far beyond, waitress refuses by itself.
        max_request_body_size=4 * settings.upload_mb * 1024 * 1024,
        clear_untrusted_proxy_headers=True,
        **(
            {
                "trusted_proxy": "*",
                "trusted_proxy_count": settings.proxies,
                "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"},
            }
            if settings.proxies
            else {}
        ),
    )
    ticker.start(app)
    logging.getLogger("qifang").info("serving", extra={"host": settings.host, "port": settings.port})
    server.run()


if __name__ == "__main__":
    main()
