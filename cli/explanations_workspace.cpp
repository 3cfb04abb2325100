#include "cli/explanations.hpp"

#include <array>

namespace pier::cli {

// The rooms of the local workspace are no part of `pier`; what they report reaches its users all the same.
std::span<const Explanation> workspace_explanations() {
  static constexpr std::array k_texts = {
      Explanation{
          "PIER7001", "DuckDB cannot be used",
          "The lake's engine is one pinned version of DuckDB, which `scripts/build` puts beside pierd. Another\n"
          "version lacks what pier calls. Build pier again, or remove what replaced the library."},
      Explanation{"PIER7002", "a table lacks a column",
                  "The message names both. Columns are compared without regard to case, as the platform does."},
      Explanation{"PIER7003", "what should be read is no Delta table",
                  "A view, or a table whose files are in another format: use SQL on it instead."},
      Explanation{"PIER7004", "the changes of a table cannot be told",
                  "Its log no longer reaches back that far, or the table does not record changes\n"
                  "(delta.enableChangeDataFeed). The reader takes a whole snapshot instead and goes on from there."},
      Explanation{"PIER7005", "a batch of rows is malformed",
                  "A bug in pier: it wanted to append rows with more or fewer cells than the table has columns."},
      Explanation{
          "PIER8001", "PostgreSQL is not installed",
          "Lakebase instances are real PostgreSQL clusters of this machine. pier looks for the newest version\n"
          "in /usr/lib/postgresql/*/bin, then for `postgres` on PATH, and needs initdb beside it. PIER_POSTGRES_BIN\n"
          "in the environment of pierd names another folder.\n"
          "On Debian: apt-get install postgresql"},
      Explanation{"PIER8002", "the PostgreSQL version of an instance is not installed",
                  "A cluster's data can be read only by the major version that made it. Install that version beside\n"
                  "the newer one, or delete the instance and deploy again."},
      Explanation{
          "PIER8003", "PostgreSQL's user cannot enter the workspace folder",
          "PostgreSQL refuses to run as root, so root's clusters run as the user `postgres`. That user must be\n"
          "able to pass through every folder above the workspace; pier opens its own folders, but no home\n"
          "folder. Set PIER_HOME to a folder outside of it (root's default is /var/lib/pier)."},
      Explanation{"PIER8004", "a PostgreSQL server does not start",
                  "The message has the last FATAL line of the instance's postgres.log, which lies in the workspace's\n"
                  "folder lakebase/<instance>. Usual reasons: the disk is full, shared memory is used up, a file of\n"
                  "the cluster was changed by hand."},
      Explanation{
          "PIER8005", "the local certificate authority cannot be used",
          "pier makes its own authority at the first start: ca.pem and ca-key.pem in the workspace's tls folder.\n"
          "If one of them is damaged, remove both and start again; clients that verify need the new ca.pem."},
      Explanation{"PIER8006", "a database instance takes no connections",
                  "It was stopped by hand (`stopped: true`), is being deleted, or could not be made; the message says\n"
                  "which. An instance that only sleeps wakes by itself."},
      Explanation{
          "PIER8007", "a database instance is not ready in time",
          "Making a cluster takes about a second, waking it a tenth of that. If the machine is not overloaded,\n"
          "read the instance's postgres.log."},
      Explanation{"PIER8008", "no address for a database instance",
                  "Each instance listens at its own loopback address 127.x.y.z, port 5432, or at a free port of\n"
                  "127.0.0.1. Neither could be had: look for programs that listen everywhere: ss -ltnp"},
      Explanation{"PIER8010", "the connection to PostgreSQL broke",
                  "The server ended, was restarted or put to sleep. Try again; postgres.log has the reason."},
      Explanation{"PIER8011", "PostgreSQL refuses a statement",
                  "The message begins with PostgreSQL's SQLSTATE (five characters, appendix A of its manual)."},
      Explanation{
          "PIER8101", "a column cannot be synced",
          "A synced table has at most 1600 columns, and no VARIANT, GEOMETRY, GEOGRAPHY, OBJECT, INTERVAL or VOID\n"
          "column. ARRAY, MAP and STRUCT become jsonb. Leave the column out, or cast it in the source table."},
      Explanation{"PIER8102", "the primary key of a synced table is wrong",
                  "primary_key_columns names columns of the source that together are unique. They become the primary\n"
                  "key in PostgreSQL. Rows with NULL in one of them are left out."},
      Explanation{
          "PIER8103", "a text holds a NUL character",
          "PostgreSQL's text and jsonb cannot hold the character with the code 0. The message names the row by\n"
          "its key. Remove the character in the source."},
      Explanation{
          "PIER8104", "a table with the name of a synced table exists",
          "The schema in PostgreSQL has a table of that name which sync did not make, so sync leaves it alone.\n"
          "Rename or drop it, or give the synced table another name."},
      Explanation{"PIER8105", "the schema of a synced table is missing",
                  "The PostgreSQL schema has the name of the schema in Unity Catalog. Create it, or set\n"
                  "create_database_objects_if_missing."},
      Explanation{"PIER8106", "something depends on a synced table whose columns changed",
                  "Views and policies keep the old columns. Drop them, let the table sync, and create them again; a\n"
                  "migration is the right place."},
      Explanation{
          "PIER8107", "a run of a synced table did not end well",
          "The run was stopped, or took too long, or lost a race with another one. The table has its old rows.\n"
          "The next run starts where the table stands."},
      Explanation{
          "PIER8108", "more than one row with the same key",
          "The primary key of a synced table must be unique in the source. Choose other primary_key_columns, or\n"
          "name the column that tells which row is newer in timeseries_key."},
      Explanation{
          "PIER8110", "a replication message is not understood",
          "The write-back reads PostgreSQL's own logical stream (pgoutput, protocol 1). This is a bug in pier or\n"
          "a server newer than it knows. Nothing is lost: the server keeps the changes until they are confirmed."},
      Explanation{
          "PIER8111", "the lost replication slot cannot be replaced yet",
          "PostgreSQL gave up on the slot of the write-back (max_slot_wal_keep_size), and a transaction that changes\n"
          "tables is open. pier makes the slot anew when it has ended, and sends the tables' rows again."},
      Explanation{"PIER9001", "an app's process cannot be started",
                  "The guard that starts it says why: a command that is not on PATH, a folder that is gone, no\n"
                  "permission. `pier logs` shows what the app itself wrote."},
      Explanation{"PIER9002", "an app's files cannot be copied into its build",
                  "The message has the system's reason: a full disk, a file that cannot be read."},
      Explanation{"PIER9010", "the gateway of an app cannot listen",
                  "Its port is in use. Each app keeps the port of its first start: stop the other program\n"
                  "(ss -ltnp shows it), then deploy or start again."},
  };
  return k_texts;
}

} // namespace pier::cli
