#include "core/sync/explanations.hpp"

#include <array>

namespace pier::sync {

std::span<const Explanation> explanations() {
  static constexpr std::array k_all = {
      Explanation{
          "PIER8101", "a column cannot be synced",
          "A synced table has at most 1600 columns, and no VARIANT, GEOMETRY, GEOGRAPHY, OBJECT, INTERVAL or VOID\n"
          "column. ARRAY, MAP and STRUCT become jsonb. Leave the column out, or cast it in the source table.\n"},
      Explanation{"PIER8102", "the primary key of a synced table is wrong",
                  "primary_key_columns names columns of the source that together are unique. They become the primary\n"
                  "key in PostgreSQL. Rows with NULL in one of them are left out.\n"},
      Explanation{
          "PIER8103", "a text holds a NUL character",
          "PostgreSQL's text and jsonb cannot hold the character with the code 0. The message names the row by\n"
          "its key. Remove the character in the source.\n"},
      Explanation{
          "PIER8104", "a table with the name of a synced table exists",
          "The schema in PostgreSQL has a table of that name which sync did not make, so sync leaves it alone.\n"
          "Rename or drop it, or give the synced table another name.\n"},
      Explanation{"PIER8105", "the schema of a synced table is missing",
                  "The PostgreSQL schema has the name of the schema in Unity Catalog. Create it, or set\n"
                  "create_database_objects_if_missing.\n"},
      Explanation{"PIER8106", "something depends on a synced table whose columns changed",
                  "Views and policies keep the old columns. Drop them, let the table sync, and create them again; a\n"
                  "migration is the right place.\n"},
      Explanation{
          "PIER8107", "a run of a synced table did not end well",
          "The run was stopped, or took too long, or lost a race with another one. The table has its old rows.\n"
          "The next run starts where the table stands.\n"},
      Explanation{
          "PIER8108", "more than one row with the same key",
          "The primary key of a synced table must be unique in the source. Choose other primary_key_columns, or\n"
          "name the column that tells which row is newer in timeseries_key.\n"},
      Explanation{
          "PIER8110", "a replication message is not understood",
          "The write-back reads PostgreSQL's own logical stream (pgoutput, protocol 1). This is a bug in pier or\n"
          "a server newer than it knows. Nothing is lost: the server keeps the changes until they are confirmed.\n"},
      Explanation{
          "PIER8111", "the lost replication slot cannot be replaced yet",
          "PostgreSQL gave up on the slot of the write-back (max_slot_wal_keep_size), and a transaction that changes\n"
          "tables is open. pier makes the slot anew when it has ended, and sends the tables' rows again.\n"},
  };
  return k_all;
}

} // namespace pier::sync
