#include "core/migrate/compare.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::migrate;

namespace {

MigrationFile file(const std::string& name, const std::string& text = "SELECT 1; SELECT 2;") {
  Diagnostics diagnostics;
  return parse_migration(name, text, diagnostics);
}

LedgerEntry applied(const MigrationFile& file) {
  return {.kind = file.kind, .version = file.version, .name = file.name, .sha256 = file.sha256};
}

std::string states(const std::vector<MigrationStatus>& statuses) {
  std::string out;
  for (const auto& status : statuses) {
    out += (out.empty() ? "" : ", ") + status.version + " " + std::string(to_string(status.state));
  }
  return out;
}

} // namespace

TEST_CASE("compare: applied, pending, changed, missing, out of order") {
  const MigrationSet set{.files = {file("V1__a.sql"), file("V2__b.sql", "SELECT 3"), file("V3__c.sql"),
                                   file("V5__e.sql"), file("R__v.sql", "SELECT 4"), file("R__w.sql")}};
  const std::vector<LedgerEntry> ledger{applied(file("V1__a.sql")), applied(file("V2__b.sql")),
                                        applied(file("V4__d.sql")), applied(file("R__v.sql")),
                                        applied(file("R__w.sql"))};
  const auto statuses = compare(set, ledger);
  CHECK(states(statuses) == "1 applied, 2 changed, 3 out of order, 4 missing, 5 pending, v pending, w applied");

  Diagnostics diagnostics;
  check_history(statuses, false, diagnostics);
  CHECK(diagnostics.count(Severity::error) == 3);
  Diagnostics allowed;
  check_history(statuses, true, allowed);
  CHECK(allowed.count(Severity::error) == 2);
  CHECK(allowed.count(Severity::warning) == 1);
}

TEST_CASE("compare: a file that stopped goes on only when its beginning is the same") {
  const auto before = file("V1__a.sql", "SELECT 1; SELEKT 2;");
  auto entry = applied(before);
  entry.complete = false;
  entry.statements_done = 1;
  entry.done_sha256 = digest_of_first(before, 1);
  CHECK(states(compare({.files = {file("V1__a.sql", "SELECT 1; SELECT 2;")}}, {entry})) == "1 partial");
  CHECK(states(compare({.files = {file("V1__a.sql", "SELECT 0; SELECT 2;")}}, {entry})) == "1 stuck");
}

TEST_CASE("compare: a version written differently is the same version") {
  CHECK(states(compare({.files = {file("V001__a.sql")}}, {applied(file("V1__a.sql"))})) == "001 applied");
}
