"""Regions: a tenant that holds a base for its member councils, and the two doors between them.

A region sees the ids of its members and nothing that stands behind their walls. A member reads the texts
that its region published. Both functions take the council from the transaction's own setting, never as an
argument.
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE councils ADD COLUMN kind text NOT NULL DEFAULT 'council';
ALTER TABLE councils ALTER COLUMN kind DROP DEFAULT;
ALTER TABLE councils ADD COLUMN region_id text;
ALTER TABLE councils ADD CONSTRAINT a_council_or_a_region CHECK (
    kind = 'council' OR kind = 'region' AND region_id IS NULL
);
CREATE INDEX councils_of_region ON councils (region_id, council_id);
"""

FUNCTIONS = """
CREATE FUNCTION region_members() RETURNS TABLE (council_id text) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT c.council_id FROM councils c
    WHERE c.region_id = current_setting('app.council_id', true) ORDER BY c.slug
$$;

CREATE FUNCTION region_versions() RETURNS TABLE (
    id text, slug text, version text, hash text, sources jsonb, effective_from date,
    published_at timestamp with time zone
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.id, p.slug, p.version, p.hash, p.sources, p.effective_from, p.published_at
    FROM councils c JOIN policies p ON p.council_id = c.region_id
    WHERE c.council_id = current_setting('app.council_id', true)
    ORDER BY p.published_at DESC, p.id DESC
$$;
"""

# What the crossing role must read for them. Who published a version is not among it.
READ_OF_POLICIES = "council_id, id, slug, version, hash, sources, effective_from, published_at"
CROSSINGS = (
    "GRANT SELECT (region_id) ON councils TO reciprocal_crossing",
    f"GRANT SELECT ({READ_OF_POLICIES}) ON policies TO reciprocal_crossing",
    "CREATE POLICY crossing ON policies TO reciprocal_crossing USING (true) WITH CHECK (true)",
)


def upgrade() -> None:
    """New columns, and two named functions in the walls."""
    op.execute(COLUMNS)
    for statement in CROSSINGS:
        op.execute(statement)
    op.execute(FUNCTIONS)
    op.execute("GRANT CREATE ON SCHEMA public TO reciprocal_crossing")
    for function in ("region_members()", "region_versions()"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO reciprocal_app")
        op.execute(f"ALTER FUNCTION {function} OWNER TO reciprocal_crossing")
    op.execute("REVOKE CREATE ON SCHEMA public FROM reciprocal_crossing")
