#include "core/sync/database_template.hpp"

namespace pier::sync {
namespace {

constexpr std::string_view k_version = "2";

// pier.start_table sends the rows that a table has when it joins the write-back through the log itself, as
// transactional messages: in the order of commits and exactly once, like every later change. It runs under a
// lock that keeps writers out, so a change is either in these rows or behind them (start_lsn).
// A slot that is being made shows no confirmed_flush_lsn: what is written then would not be sent. So the table only
// joins and the consumer, which hears of every one that joins, starts it. slot_lock keeps a slot that a transaction
// has counted on from being dropped before that one has ended.
constexpr std::string_view k_sql = R"sql(
SET LOCAL client_min_messages = warning;
CREATE SCHEMA IF NOT EXISTS pier;
REVOKE ALL ON SCHEMA pier FROM PUBLIC;

CREATE TABLE IF NOT EXISTS pier.template_version (version text NOT NULL);
CREATE TABLE IF NOT EXISTS pier.sync_state (
  schema_name text, table_name text, source text NOT NULL, version bigint NOT NULL, row_count bigint NOT NULL,
  synced_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (schema_name, table_name));
CREATE TABLE IF NOT EXISTS pier.write_back_tables (
  relid oid PRIMARY KEY, start_lsn pg_lsn NOT NULL DEFAULT '0/0', started boolean NOT NULL DEFAULT false);

CREATE OR REPLACE FUNCTION pier.refuse_write() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF current_user <> 'pier_system' THEN
    RAISE EXCEPTION '% is a synced table: it can only be read', TG_RELID::regclass
      USING ERRCODE = 'insufficient_privilege', HINT = 'change its source in the lake';
  END IF;
  RETURN NULL;
END $body$;

CREATE OR REPLACE FUNCTION pier.slot_name() RETURNS name LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp AS $body$
  SELECT ('pier_write_back_' || oid)::name FROM pg_database WHERE datname = current_database() $body$;

CREATE OR REPLACE FUNCTION pier.slot_lock() RETURNS bigint LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp AS $body$ SELECT 'pier.write_back_tables'::regclass::oid::bigint $body$;

CREATE OR REPLACE FUNCTION pier.start_table(target oid) RETURNS void LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO' SET intervalstyle = 'postgres'
  SET bytea_output = 'hex' SET extra_float_digits = 1 AS $body$
DECLARE
  relation text := target::regclass::text;
  columns_json text;
  column_list text;
BEGIN
  EXECUTE format('LOCK TABLE ONLY %s IN SHARE MODE', relation);
  SELECT json_agg(json_build_array(attname, atttypid::bigint, atttypmod) ORDER BY attnum)::text,
         string_agg(format('%I::text', attname), ', ' ORDER BY attnum)
    INTO columns_json, column_list
    FROM pg_attribute WHERE attrelid = target AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
  PERFORM pg_logical_emit_message(true, 'pier.start', json_build_object(
    'relid', target::bigint, 'schema', n.nspname, 'table', c.relname, 'columns', coalesce(columns_json, '[]')::json)::text)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = target;
  IF column_list IS NOT NULL THEN
    EXECUTE format('SELECT count(pg_logical_emit_message(true, %L, json_build_array(%s)::text)) FROM ONLY %s',
                   'pier.row:' || target::bigint, column_list, relation);
  END IF;
  INSERT INTO pier.write_back_tables VALUES (target, pg_current_wal_insert_lsn(), true)
    ON CONFLICT (relid) DO UPDATE SET start_lsn = excluded.start_lsn, started = true;
END $body$;

CREATE OR REPLACE FUNCTION pier.on_ddl() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  item record;
BEGIN
  FOR item IN
    SELECT c.oid, c.oid::regclass AS relation, c.relreplident = 'f' AS wanted,
           EXISTS (SELECT FROM pier.write_back_tables w WHERE w.relid = c.oid) AS present
      FROM (SELECT DISTINCT objid FROM pg_event_trigger_ddl_commands() WHERE classid = 'pg_class'::regclass) d
      JOIN pg_class c ON c.oid = d.objid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND NOT c.relispartition AND n.nspname <> 'pier'
  LOOP
    IF item.wanted AND NOT item.present THEN
      EXECUTE format('ALTER PUBLICATION pier_write_back ADD TABLE ONLY %s', item.relation);
      INSERT INTO pier.write_back_tables (relid) VALUES (item.oid);
      PERFORM pg_advisory_xact_lock_shared(pier.slot_lock());
      IF EXISTS (SELECT FROM pg_replication_slots
                  WHERE slot_name = pier.slot_name() AND confirmed_flush_lsn IS NOT NULL AND wal_status <> 'lost') THEN
        PERFORM pier.start_table(item.oid);
      END IF;
      PERFORM pg_notify('pier_write_back', '');
    ELSIF item.present AND NOT item.wanted THEN
      EXECUTE format('ALTER PUBLICATION pier_write_back DROP TABLE ONLY %s', item.relation);
      DELETE FROM pier.write_back_tables WHERE relid = item.oid;
    END IF;
  END LOOP;
END $body$;

DO $body$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'pier_write_back') THEN
    CREATE PUBLICATION pier_write_back;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'pier_write_back') THEN
    CREATE EVENT TRIGGER pier_write_back ON ddl_command_end
      WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE', 'CREATE TABLE AS', 'SELECT INTO') EXECUTE FUNCTION pier.on_ddl();
  END IF;
END $body$;

-- Only these functions may put rows into the stream.
REVOKE EXECUTE ON FUNCTION pg_catalog.pg_logical_emit_message(boolean, text, text),
  pg_catalog.pg_logical_emit_message(boolean, text, bytea) FROM PUBLIC;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA pier FROM PUBLIC;
DO $body$
DECLARE
  own text;
BEGIN
  FOREACH own IN ARRAY ARRAY['sync_state', 'write_back_tables', 'template_version'] LOOP
    EXECUTE format('DROP TRIGGER IF EXISTS read_only ON pier.%I', own);
    EXECUTE format('CREATE TRIGGER read_only BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON pier.%I '
                   'FOR EACH STATEMENT EXECUTE FUNCTION pier.refuse_write()', own);
  END LOOP;
END $body$;
DELETE FROM pier.template_version;
)sql";

} // namespace

const std::string& database_template_sql() {
  static const std::string sql = "BEGIN;\n" + std::string(k_sql) + "INSERT INTO pier.template_version VALUES ('" +
                                 std::string(k_version) + "');\nCOMMIT;\n";
  return sql;
}

Result<void> install_template(lakebase::PgConnection& connection) {
  PIER_TRY_ASSIGN(const auto there, connection.query("SELECT to_regclass('pier.template_version') IS NOT NULL"));
  if (there.text(0, 0) == "t") {
    PIER_TRY_ASSIGN(const auto version, connection.query("SELECT version FROM pier.template_version"));
    if (!version.empty() && version.text(0, 0) == k_version) {
      return {};
    }
  }
  auto done = connection.execute(database_template_sql());
  if (!done) {
    [[maybe_unused]] const auto ignored = connection.execute("ROLLBACK");
  }
  return done;
}

} // namespace pier::sync
