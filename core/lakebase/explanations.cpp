#include "core/lakebase/explanations.hpp"

#include <array>

namespace pier::lakebase {

std::span<const Explanation> explanations() {
  static constexpr std::array k_all = {
      Explanation{
          "PIER8001", "PostgreSQL is not installed",
          "Lakebase instances are real PostgreSQL clusters of this machine. pier looks for the newest version\n"
          "in /usr/lib/postgresql/*/bin, then for `postgres` on PATH, and needs initdb beside it. PIER_POSTGRES_BIN\n"
          "in the environment of pierd names another folder.\n"
          "On Debian: apt-get install postgresql\n"},
      Explanation{"PIER8002", "the PostgreSQL version of an instance is not installed",
                  "A cluster's data can be read only by the major version that made it. Install that version beside\n"
                  "the newer one, or delete the instance and deploy again.\n"},
      Explanation{
          "PIER8003", "PostgreSQL's user cannot enter the workspace folder",
          "PostgreSQL refuses to run as root, so root's clusters run as the user `postgres`. That user must be\n"
          "able to pass through every folder above the workspace; pier opens its own folders, but no home\n"
          "folder. Set PIER_HOME to a folder outside of it (root's default is /var/lib/pier).\n"},
      Explanation{"PIER8004", "a PostgreSQL server does not start",
                  "The message has the last FATAL line of the instance's postgres.log, which lies in the workspace's\n"
                  "folder lakebase/<instance>. Usual reasons: the disk is full, shared memory is used up, a file of\n"
                  "the cluster was changed by hand.\n"},
      Explanation{
          "PIER8005", "the local certificate authority cannot be used",
          "pier makes its own authority at the first start: ca.pem and ca-key.pem in the workspace's tls folder.\n"
          "If one of them is damaged, remove both and start again; clients that verify need the new ca.pem.\n"},
      Explanation{"PIER8006", "a database instance takes no connections",
                  "It was stopped by hand (`stopped: true`), is being deleted, or could not be made; the message says\n"
                  "which. An instance that only sleeps wakes by itself.\n"},
      Explanation{
          "PIER8007", "a database instance is not ready in time",
          "Making a cluster takes about a second, waking it a tenth of that. If the machine is not overloaded,\n"
          "read the instance's postgres.log.\n"},
      Explanation{"PIER8008", "no address for a database instance",
                  "Each instance listens at its own loopback address 127.x.y.z, port 5432, or at a free port of\n"
                  "127.0.0.1. Neither could be had: look for programs that listen everywhere: ss -ltnp\n"},
      Explanation{"PIER8010", "the connection to PostgreSQL broke",
                  "The server ended, was restarted or put to sleep. Try again; postgres.log has the reason.\n"},
      Explanation{"PIER8011", "PostgreSQL refuses a statement",
                  "The message begins with PostgreSQL's SQLSTATE (five characters, appendix A of its manual).\n"},
  };
  return k_all;
}

} // namespace pier::lakebase
