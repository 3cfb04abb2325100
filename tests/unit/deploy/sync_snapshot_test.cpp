#include "core/deploy/sync_snapshot.hpp"

#include "core/base/files.hpp"

#include <doctest/doctest.h>

using pier::TempDirectory;
using namespace pier::deploy;

namespace {

SyncSnapshot snapshot(std::initializer_list<std::pair<const char*, std::int64_t>> files) {
  SyncSnapshot made;
  for (const auto& [path, modified] : files) {
    made.files.emplace(path, SyncSnapshot::Entry{modified, path});
  }
  return made;
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("sync snapshot: times with all digits, and with an offset") {
  CHECK(to_rfc3339_nanos(1'700'000'000'123'456'789) == "2023-11-14T22:13:20.123456789Z");
  CHECK(to_rfc3339_nanos(1'700'000'000'120'000'000) == "2023-11-14T22:13:20.12Z");
  CHECK(to_rfc3339_nanos(0) == "1970-01-01T00:00:00Z");
  CHECK(parse_rfc3339_nanos("2023-11-14T22:13:20.123456789Z") == 1'700'000'000'123'456'789);
  CHECK(parse_rfc3339_nanos("2023-11-14T23:13:20.5+01:00") == 1'700'000'000'500'000'000);
  CHECK_FALSE(parse_rfc3339_nanos("yesterday"));
}

TEST_CASE("sync snapshot: what changed since the last time") {
  const auto changes = compare_snapshots(snapshot({{"a.py", 1}, {"old/x.py", 1}, {"old/deep/y.py", 1}}),
                                         snapshot({{"a.py", 2}, {"new/in/z.py", 1}, {"new/w.py", 1}}));
  CHECK(changes.upload == Names{"a.py", "new/in/z.py", "new/w.py"});
  CHECK(changes.remove == Names{"old/deep/y.py", "old/x.py"});
  CHECK(changes.remove_folders == std::vector<Names>{{"old/deep"}, {"old"}});
  CHECK(changes.make_folders == Names{"new/in"});
  CHECK(compare_snapshots(snapshot({{"a", 1}}), snapshot({{"a", 1}})).empty());
}

TEST_CASE("sync snapshot: a file that became a notebook is removed and sent") {
  SyncSnapshot before = snapshot({{"n.py", 1}});
  SyncSnapshot after = before;
  after.files["n.py"] = {1, "n"};
  const auto changes = compare_snapshots(before, after);
  CHECK(changes.remove == Names{"n.py"});
  CHECK(changes.upload == Names{"n.py"});
}

TEST_CASE("sync snapshot: a file put back from a backup is sent, but not the official CLI's way") {
  const auto before = snapshot({{"a.py", 5}});
  const auto older = snapshot({{"a.py", 4}});
  CHECK(compare_snapshots(before, older).upload == Names{"a.py"});
  CHECK(compare_snapshots(before, older, Resend::newer).empty());
  CHECK(compare_snapshots(before, snapshot({{"a.py", 6}}), Resend::newer).upload == Names{"a.py"});
}

TEST_CASE("sync snapshot: saved and loaded; a broken one is empty") {
  const auto temp = TempDirectory::create().value();
  const auto file = snapshot_path(temp.path(), "https://h.test", "/Workspace/x");
  CHECK(file.filename().string().size() == 16 + 5);
  const auto made = snapshot({{"a.py", 1'700'000'000'123'456'789}, {"b/c.sql", 5}});
  REQUIRE(made.save(file, "https://h.test", "/Workspace/x"));
  CHECK(SyncSnapshot::load(file) == made);
  REQUIRE(pier::write_file_atomically(file, "{\"version\":\"v1\",\"last_modified"));
  CHECK(SyncSnapshot::load(file).files.empty());
  CHECK(SyncSnapshot::load(temp.path() / "none").files.empty());
}

TEST_CASE("sync snapshot: two files for one object are an error") {
  const LocalFile notebook{.path = "a.py", .is_notebook = true};
  const LocalFile plain{.path = "a"};
  const auto made = SyncSnapshot::of_files({plain, notebook});
  REQUIRE_FALSE(made);
  CHECK(made.error().code == "PIER2043");
}
