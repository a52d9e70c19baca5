-- The three roles of the service, safe to run at every start, by a superuser.
-- Read by the embedded PostgreSQL and by the one in docker-compose.yml, which also gives passwords.
DO $$ BEGIN
  -- Owns the tables and runs the migrations.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reciprocal_owner') THEN
    CREATE ROLE reciprocal_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
  -- What the service works as: it owns nothing and cannot step over the walls between councils.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reciprocal_app') THEN
    CREATE ROLE reciprocal_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
  -- Owns the few functions that answer across councils. Nobody signs in as it.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reciprocal_crossing') THEN
    CREATE ROLE reciprocal_crossing NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
END $$;
GRANT reciprocal_crossing TO reciprocal_owner WITH ADMIN FALSE, INHERIT TRUE, SET TRUE;

\getenv owner_password OWNER_PASSWORD
\if :{?owner_password}
ALTER ROLE reciprocal_owner PASSWORD :'owner_password';
\endif
\getenv app_password APP_PASSWORD
\if :{?app_password}
ALTER ROLE reciprocal_app PASSWORD :'app_password';
SELECT format('ALTER DATABASE %I OWNER TO reciprocal_owner', current_database()) \gexec
\endif
