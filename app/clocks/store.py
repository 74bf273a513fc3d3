"""The SQL statement that tells whether limits and calendar are still as somebody saw them."""

from sqlite_utils import Database

from app.db import fetch_value


def get_rules_state(db: Database) -> str:
    """A text that changes whenever a limit or the calendar does."""
    return fetch_value(
        db,
        """
        SELECT coalesce((SELECT group_concat(id || ' ' || amount || unit || valid_from || coalesce(valid_to, '-'), ';')
                         FROM (SELECT * FROM limits ORDER BY id)), '')
          || '|' || coalesce((SELECT group_concat(day || is_workday || why, ';')
                              FROM (SELECT * FROM workday_exceptions ORDER BY day)), '')
        """,
    )
