#include "core/deploy/patched_wheel.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/deploy/zip_rewrite.hpp"

#include <algorithm>

#include <sys/stat.h>

namespace pier::deploy {
namespace {

namespace fs = std::filesystem;

Error no_wheel(std::string message) {
  return Error{.kind = ErrorKind::invalid_argument, .code = "PIER2070", .message = std::move(message)};
}

Result<std::int64_t> changed_at(const fs::path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) {
    return no_wheel("stat " + file.string() + ": no such file or directory");
  }
  return status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec;
}

std::vector<std::string> lines_of(const std::string& text) {
  auto lines = split(text, '\n');
  if (!lines.empty() && lines.back().empty()) {
    lines.pop_back();
  }
  for (auto& line : lines) {
    if (line.ends_with('\r')) {
      line.pop_back();
    }
  }
  return lines;
}

/// METADATA with another version.
Result<std::string> with_version(const std::string& metadata, const std::string& before, const std::string& after) {
  constexpr std::string_view k_key = "Version:";
  std::string out;
  for (const auto& line : lines_of(metadata)) {
    if (!line.starts_with(k_key)) {
      out += line + "\n";
      continue;
    }
    if (trim(std::string_view(line).substr(k_key.size())) != before) {
      return no_wheel("unexpected version in METADATA: " + std::string(trim(line)) + " (expected " + before + ")");
    }
    out += std::string(k_key) + " " + after + "\n";
  }
  return out;
}

struct Folders {
  std::string before; ///< "name-1.0.dist-info/"
  std::string after;

  [[nodiscard]] std::string moved(const std::string& name) const {
    return name.starts_with(before) ? after + name.substr(before.size()) : name;
  }
};

/// RECORD with the new folder and what METADATA is now: lines of "path,sha256=…,size".
std::string with_record(const std::string& record, const Folders& folders, const std::string& metadata) {
  std::string out;
  for (const auto& line : lines_of(record)) {
    auto parts = split(line, ',');
    if (trim(line).empty()) {
      continue;
    }
    if (parts.size() >= 3) {
      parts[0] = folders.moved(parts[0]);
      if (parts[0] == folders.after + "METADATA") {
        parts[1] = "sha256=" + base64url_encode(sha256(metadata));
        parts[2] = std::to_string(metadata.size());
      }
    }
    out += join(parts, ",") + "\n";
  }
  return out;
}

} // namespace

Result<model::WheelName> parse_wheel_name(const fs::path& wheel) {
  if (auto name = model::WheelName::parse(wheel)) {
    return *std::move(name);
  }
  const auto file = wheel.filename().string();
  const auto parts = std::count(file.begin(), file.end(), '-') + 1;
  const std::string reason = parts < 5   ? "not enough parts in "
                             : parts > 6 ? "too many parts in "
                                         : "missing .whl extension in ";
  return no_wheel("When parsing filename \"" + wheel.string() +
                  "\" encountered an error: invalid wheel filename format: " + reason + file);
}

Result<fs::path> patch_wheel(const fs::path& wheel, const fs::path& folder) {
  const auto patch = [&]() -> Result<fs::path> {
    PIER_TRY_ASSIGN(auto name, parse_wheel_name(wheel));
    PIER_TRY_ASSIGN(const auto time, changed_at(wheel));
    const auto before = name.version;
    name.version = before.substr(0, before.find('+')) + "+" + std::to_string(time);
    const auto prefix = name.distribution + "-";
    const Folders folders{.before = prefix + before + ".dist-info/", .after = prefix + name.version + ".dist-info/"};
    PIER_TRY_ASSIGN(const auto old_metadata, read_zip_member(wheel, folders.before + "METADATA"));
    PIER_TRY_ASSIGN(const auto old_record, read_zip_member(wheel, folders.before + "RECORD"));
    PIER_TRY_ASSIGN(auto metadata, with_version(old_metadata, before, name.version));
    auto record = with_record(old_record, folders, metadata);
    const ZipChanges changes{.rename = [&](const std::string& member) { return folders.moved(member); },
                             .contents = {{folders.before + "METADATA", std::move(metadata)},
                                          {folders.before + "RECORD", std::move(record)}}};
    const auto target = folder / name.to_string();
    PIER_TRY(rewrite_zip(wheel, target, changes));
    return target;
  };
  auto patched = patch();
  if (!patched) {
    auto error = std::move(patched).error();
    error.message = "When patching " + wheel.string() + " encountered an error: " + error.message;
    return error;
  }
  return patched;
}

} // namespace pier::deploy
