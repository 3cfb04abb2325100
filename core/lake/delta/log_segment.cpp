#include "core/lake/delta/log_segment.hpp"

#include "core/base/text.hpp"
#include "core/lake/delta/snapshot.hpp"

#include <algorithm>
#include <set>

namespace pier::lake::delta {
namespace {

/// One checkpoint as its parts come in: classic, multi-part or with a UUID (v2).
struct Checkpoint {
  std::int64_t parts = 1;
  std::set<std::filesystem::path> files;

  [[nodiscard]] bool complete() const { return static_cast<std::int64_t>(files.size()) == parts; }
};

struct Listing {
  std::map<std::int64_t, std::filesystem::path> commits;
  std::map<std::int64_t, std::map<std::string, Checkpoint>> checkpoints; ///< by version and kind
};

bool read_version(std::string_view text, std::int64_t& version) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos && parse_int64(text, version);
}

void sort_in(const std::filesystem::path& file, Listing& listing) {
  const auto parts = split(file.filename().string(), '.');
  std::int64_t version = 0;
  if (parts.size() < 2 || !read_version(parts[0], version)) {
    return;
  }
  if (parts.size() == 2 && parts[1] == "json") {
    listing.commits.emplace(version, file);
    return;
  }
  if (parts[1] != "checkpoint" || (parts.back() != "parquet" && parts.back() != "json")) {
    return;
  }
  auto& kinds = listing.checkpoints[version];
  if (parts.size() == 3 && parts[2] == "parquet") {
    kinds["classic"].files.insert(file);
  } else if (parts.size() == 4) {
    kinds["uuid " + parts[2]].files.insert(file);
  } else if (std::int64_t count = 0; parts.size() == 5 && read_version(parts[3], count)) {
    auto& checkpoint = kinds["parts " + parts[3]];
    checkpoint.parts = count;
    checkpoint.files.insert(file);
  }
}

Result<Listing> list_log(const std::filesystem::path& folder) {
  std::error_code failed;
  Listing listing;
  std::filesystem::directory_iterator entries(folder, failed);
  for (; !failed && entries != std::filesystem::directory_iterator(); entries.increment(failed)) {
    sort_in(entries->path(), listing);
  }
  if (failed || (listing.commits.empty() && listing.checkpoints.empty())) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "DELTA_TABLE_NOT_FOUND",
                 .message = "'" + folder.parent_path().string() + "' is not a Delta table"};
  }
  return listing;
}

Error gap(std::int64_t missing) {
  return Error{.kind = ErrorKind::invalid_state,
               .code = "DELTA_LOG_CORRUPT",
               .message = "Versions are not contiguous: version " + std::to_string(missing) + " is missing"};
}

/// The newest complete checkpoint not above `limit`.
void choose_checkpoint(const Listing& listing, std::int64_t limit, LogSegment& segment) {
  for (auto it = listing.checkpoints.rbegin(); it != listing.checkpoints.rend(); ++it) {
    if (it->first > limit) {
      continue;
    }
    for (const auto& [kind, checkpoint] : it->second) {
      if (checkpoint.complete()) {
        segment.checkpoint_version = it->first;
        segment.checkpoint_files.assign(checkpoint.files.begin(), checkpoint.files.end());
        return;
      }
    }
  }
}

} // namespace

Result<LogSegment> find_segment(const std::filesystem::path& root, std::optional<std::int64_t> version) {
  LogSegment segment{.log_folder = root / "_delta_log"};
  PIER_TRY_ASSIGN(const auto listing, list_log(segment.log_folder));
  const auto newest = std::max(listing.commits.empty() ? -1 : listing.commits.rbegin()->first,
                               listing.checkpoints.empty() ? -1 : listing.checkpoints.rbegin()->first);
  const auto wanted = version.value_or(newest);
  if (wanted < 0 || wanted > newest) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "DELTA_VERSION_NOT_FOUND",
                 .message = "Cannot time travel Delta table to version " + std::to_string(wanted) +
                            ". Available versions: up to " + std::to_string(newest)};
  }
  choose_checkpoint(listing, wanted, segment);
  for (auto next = segment.checkpoint_version + 1; next <= wanted; ++next) {
    const auto found = listing.commits.find(next);
    if (found == listing.commits.end()) {
      return gap(next);
    }
    segment.commits.insert(*found);
  }
  return segment;
}

Result<std::vector<std::int64_t>> commit_versions(const std::filesystem::path& root) {
  PIER_TRY_ASSIGN(const auto listing, list_log(root / "_delta_log"));
  std::vector<std::int64_t> versions;
  for (const auto& [version, file] : listing.commits) {
    versions.push_back(version);
  }
  return versions;
}

} // namespace pier::lake::delta
