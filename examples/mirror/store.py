"""The copy in a database: Postgres, or SQLite for a try."""

import contextlib
import sqlite3

from records import COLUMNS


class Store:
    def __init__(self, url):
        self.is_postgres = url.startswith(("postgres://", "postgresql://"))
        if self.is_postgres:
            import psycopg

            self.connection, self.mark = psycopg.connect(url), "%s"
        else:
            self.connection, self.mark = sqlite3.connect(url.removeprefix("sqlite:")), "?"
        with self.transaction():
            for table, (key, *columns) in COLUMNS.items():
                typed = ", ".join(f"{column} TEXT" for column in columns)
                self.connection.execute(f"CREATE TABLE IF NOT EXISTS {table} ({key} TEXT PRIMARY KEY, {typed})")
            self.connection.execute("CREATE TABLE IF NOT EXISTS position (name TEXT PRIMARY KEY, value TEXT)")

    @contextlib.contextmanager
    def transaction(self):
        """Either everything is written, or nothing: the position always belongs to the rows."""
        try:
            yield
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()

    def put(self, table, rows):
        columns = COLUMNS[table]
        new = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
        marks = ", ".join([self.mark] * len(columns))
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET {new}"
        self.connection.cursor().executemany(sql, rows)

    def remove(self, table, ids):
        self.connection.cursor().executemany(f"DELETE FROM {table} WHERE id = {self.mark}", [(it,) for it in ids])

    def clear(self):
        for table in [*COLUMNS, "position"]:
            self.connection.execute(f"DELETE FROM {table}")

    def rows(self, table, columns=None, where="TRUE"):
        """Rows of a table, read in parts."""
        cursor = self.connection.cursor(name="rows") if self.is_postgres else self.connection.cursor()
        with contextlib.closing(cursor):
            cursor.execute(f"SELECT {', '.join(columns or COLUMNS[table])} FROM {table} WHERE {where}")
            yield from cursor

    def position(self):
        return dict(self.rows("position", ["name", "value"]))

    def move_to(self, **position):
        sql = f"INSERT INTO position VALUES ({self.mark}, {self.mark}) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        self.connection.cursor().executemany(sql, position.items())
