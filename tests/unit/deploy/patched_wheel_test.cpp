#include "core/deploy/patched_wheel.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/deploy/zip_archive.hpp"
#include "core/deploy/zip_rewrite.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace pier::deploy;

namespace {

const std::string k_metadata = "Metadata-Version: 2.1\r\nName: x\r\nVersion: 1.0\r\n";

std::filesystem::path make_wheel(const std::filesystem::path& folder, const std::string& metadata = k_metadata) {
  ZipArchive archive;
  archive.add("x/__init__.py", "answer = 42\n");
  archive.add("x-1.0.dist-info/METADATA", metadata);
  archive.add("x-1.0.dist-info/RECORD", "x/__init__.py,sha256=abc,12\nx-1.0.dist-info/METADATA,sha256=old,1\n\n"
                                        "x-1.0.dist-info/RECORD,,\n");
  const auto wheel = folder / "x-1.0-py3-none-any.whl";
  REQUIRE(pier::write_file_atomically(wheel, std::move(archive).finish(), pier::Durability::none));
  std::filesystem::last_write_time(wheel, std::filesystem::file_time_type(std::chrono::seconds(1)));
  return wheel;
}

} // namespace

TEST_CASE("patched wheel: name, folder, METADATA and RECORD tell the new version") {
  const auto temp = pier::TempDirectory::create().value();
  const auto patched = patch_wheel(make_wheel(temp.path()), temp.path()).value();
  const auto name = parse_wheel_name(patched).value();
  CHECK(name.distribution == "x");
  CHECK(name.version.starts_with("1.0+"));
  const auto folder = "x-" + name.version + ".dist-info/";
  const auto metadata = read_zip_member(patched, folder + "METADATA").value();
  CHECK(metadata == "Metadata-Version: 2.1\nName: x\nVersion: " + name.version + "\n");
  CHECK(read_zip_member(patched, folder + "RECORD").value() ==
        "x/__init__.py,sha256=abc,12\n" + folder + "METADATA,sha256=" + pier::base64url_encode(pier::sha256(metadata)) +
            "," + std::to_string(metadata.size()) + "\n" + folder + "RECORD,,\n");
  CHECK(read_zip_member(patched, "x/__init__.py").value() == "answer = 42\n");
  CHECK_FALSE(read_zip_member(patched, "x-1.0.dist-info/METADATA"));
}

TEST_CASE("patched wheel: what is no wheel of its name stays as it is") {
  const auto temp = pier::TempDirectory::create().value();
  const auto message = [&](const std::filesystem::path& wheel) {
    return patch_wheel(wheel, temp.path()).error().message;
  };
  CHECK(message(make_wheel(temp.path(), "Version: 2.0\n"))
            .ends_with("unexpected version in METADATA: Version: 2.0 (expected 1.0)"));
  CHECK(message(temp.path() / "x.whl").ends_with("invalid wheel filename format: not enough parts in x.whl"));
  CHECK(message(temp.path() / "gone-1-py3-none-any.whl").ends_with("no such file or directory"));
  const auto text = temp.path() / "y-1.0-py3-none-any.whl";
  REQUIRE(pier::write_file_atomically(text, "no archive", pier::Durability::none));
  CHECK(message(text).ends_with("is not a ZIP archive that can be read"));
}

TEST_CASE("wheel names: parts, versions in order, extras") {
  using namespace pier::model;
  CHECK(WheelName::parse("d/a_b-1.0+x-7-py3-none-any.whl")->tags == "7-py3-none-any");
  CHECK(WheelName::parse("a-1-py3-none-any.whl")->to_string() == "a-1-py3-none-any.whl");
  CHECK_FALSE(WheelName::parse("a-1.whl"));
  CHECK_FALSE(WheelName::parse("a-1-py3-none-any.zip"));
  CHECK(compare_versions("1.2.10", "1.2.9") > 0);
  CHECK(compare_versions("1.2.3+174", "1.2.3") > 0);
  CHECK(compare_versions("1.0", "1.0") == 0);
  CHECK(compare_versions("1.0a", "1.0.1") > 0); // "a" is behind "."
  CHECK(split_extras("x.whl[dev]") == std::pair<std::string, std::string>("x.whl", "[dev]"));
  CHECK(split_extras("x[12].whl") == std::pair<std::string, std::string>("x[12].whl", ""));
}
