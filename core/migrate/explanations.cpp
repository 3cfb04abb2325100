#include "core/migrate/explanations.hpp"

#include <array>

namespace pier::migrate {

std::span<const Explanation> explanations() {
  static constexpr std::array<Explanation, 17> all{{
      {"PIER8401", "a quote, comment or block in a migration is never closed",
       "Everything after it would belong to one statement, so the file is not run at all. The place where it\n"
       "begins is shown."},
      {"PIER8402", "a migration speaks to psql instead of to PostgreSQL",
       "Lines that begin with a backslash (\\i, \\copy, \\set) and COPY … FROM STDIN are commands of the program\n"
       "psql or need data from it. Migrations are plain SQL: use INSERT … VALUES."},
      {"PIER8403", "a migration controls transactions itself",
       "Each file runs in one transaction together with its row in the ledger, so that it is applied as a whole\n"
       "or not at all. Remove BEGIN and COMMIT. For statements that cannot run in a transaction (CREATE INDEX\n"
       "CONCURRENTLY), begin the file with the line: -- pier:transaction off"},
      {"PIER8404", "a migration file cannot be read as one",
       "Files lie in migrations/<instance>/<database>/ and are named V<version>__<name>.sql (applied once, in order\n"
       "of the version) or R__<name>.sql (applied again whenever they change). They are UTF-8 and not empty."},
      {"PIER8405", "unknown directive",
       "Comments before the first statement that begin with `-- pier:` are directives. Known: transaction off."},
      {"PIER8406", "two migrations have the same version",
       "Versions say the order. 007, 7 and 7.0 are the same version. Usually two branches of the code have met:\n"
       "give the one that is not applied anywhere yet the next free version."},
      {"PIER8410", "the database cannot be reached",
       "Nobody answers, or libpq is not installed on this machine. `pier status` shows whether the instance runs."},
      {"PIER8411", "the database refuses the login",
       "The role does not exist in the instance, may not connect to this database, or the token is no longer valid.\n"
       "The deploying identity needs a role there: the creator of an instance has one."},
      {"PIER8412", "a statement of pier's own failed",
       "The message is PostgreSQL's. With SQLSTATE 42501 the identity lacks a right: migrations need CREATE on the\n"
       "database; grants to apps need the right to grant."},
      {"PIER8413", "somebody else is applying migrations",
       "Only one pier at a time changes a database. The message names the other login; wait for it."},
      {"PIER8414", "interrupted",
       "The running statement was cancelled. A file with a transaction has left nothing; one without goes on where it\n"
       "stopped when you run the command again."},
      {"PIER8415", "migrations for an instance that is not there",
       "The folder migrations/<instance>/ names a database instance by its resource key or its name: one of the\n"
       "bundle, or, when the bundle declares none, one of the workspace. There is none of this name."},
      {"PIER8420", "a statement of a migration failed",
       "PostgreSQL refused it; place, SQLSTATE and reason are shown. Nothing of a file with a transaction is applied.\n"
       "Correct the file and run the command again."},
      {"PIER8421", "an applied migration was changed",
       "The database remembers the checksum (line ends do not count). What is applied cannot be changed any more:\n"
       "restore the file, for instance with git checkout, and put the change into a new migration."},
      {"PIER8422", "an applied migration is missing",
       "The database has had a migration that this project does not know: an older version of the project, or a\n"
       "branch. Bring the file back before going on."},
      {"PIER8423", "a migration comes too late",
       "A later version is applied already, so other databases may have seen another order. Give the new file a\n"
       "version after the newest, or accept it with --allow-out-of-order."},
      {"PIER8424", "a migration without transaction stopped, and its beginning changed",
       "The statements that have run are known by their digest. Restore them; those after the failed one may be\n"
       "corrected freely."},
  }};
  return all;
}

} // namespace pier::migrate
