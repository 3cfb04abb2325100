#include "core/base/text.hpp"
#include "core/catalog/catalog_store.hpp"

#include <algorithm>

namespace pier::catalog {
namespace {

Error bad_location(std::string message, std::string hint = {}) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "INVALID_PARAMETER_VALUE",
               .message = std::move(message),
               .hint = std::move(hint)};
}

/// Absolute, without `.`, `..` and trailing slashes; empty when it is not.
std::filesystem::path normal(const std::filesystem::path& path) {
  const auto clean = path.lexically_normal();
  if (!clean.is_absolute()) {
    return {};
  }
  return clean.has_filename() ? clean : clean.parent_path();
}

bool contains(const std::filesystem::path& root, const std::filesystem::path& path) {
  const auto [end, ignored] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return !root.empty() && end == root.end();
}

/// Links resolved as far as the path exists, so that a link cannot lead out of a location.
std::filesystem::path resolved(const std::filesystem::path& path) {
  std::error_code failed;
  auto real = std::filesystem::weakly_canonical(path, failed);
  return failed ? std::filesystem::path() : normal(real);
}

} // namespace

bool CatalogStore::is_inside(const std::filesystem::path& root, const std::filesystem::path& path) const {
  const auto clean = normal(path);
  return !clean.empty() && clean != normal(root) && contains(normal(root), clean);
}

/// External locations must not show the workspace's own files (tokens, keys, other people's data).
Result<void> CatalogStore::check_location_url(const NewSecurable& wanted) {
  const auto path = normal(wanted.storage_location);
  if (path.empty() || path.string() != wanted.storage_location) {
    return bad_location("'" + wanted.storage_location + "' is no absolute folder", "write file:///absolute/folder");
  }
  const auto real = resolved(path);
  const auto home = resolved(lake_root_.parent_path());
  if (real.empty() || contains(home, real) || contains(real, home)) {
    return bad_location("'" + wanted.storage_location + "' overlaps the workspace's own folder");
  }
  PIER_TRY_ASSIGN(const auto others, children(SecurableType::external_location, {}));
  for (const auto& other : others) {
    if (contains(other.storage_location, path) || contains(path, other.storage_location)) {
      return bad_location("'" + wanted.storage_location + "' overlaps external location '" + other.name + "'");
    }
  }
  return {};
}

/// For external tables and volumes: inside an external location on which the caller has the privilege.
Result<void> CatalogStore::check_external(const identity::Caller& caller, std::string_view privilege,
                                          std::string_view location) {
  const auto path = normal(std::filesystem::path(location));
  if (path.empty()) {
    return bad_location("'" + std::string(location) + "' is no absolute folder", "write file:///absolute/folder");
  }
  PIER_TRY_ASSIGN(const auto locations, children(SecurableType::external_location, {}));
  for (const auto& candidate : locations) {
    if (contains(resolved(candidate.storage_location), resolved(path))) {
      return require(caller, privilege,
                     Securable{.type = SecurableType::external_location, .full_name = candidate.full_name});
    }
  }
  return Error{.kind = ErrorKind::permission_denied,
               .code = "PERMISSION_DENIED",
               .message = "no external location contains '" + std::string(location) + "'",
               .hint = "databricks external-locations create NAME file:///folder CREDENTIAL"};
}

Result<std::filesystem::path> CatalogStore::volume_folder(std::string_view full_name) {
  PIER_TRY_ASSIGN(const auto info, get(Securable{.type = SecurableType::volume, .full_name = std::string(full_name)}));
  return std::filesystem::path(info.storage_location);
}

Result<void> CatalogStore::require_path(const identity::Caller& caller, const std::filesystem::path& path, bool write) {
  const auto real = resolved(normal(path));
  PIER_TRY_ASSIGN(const auto rows,
                  database_.query("SELECT type, full_name, storage_location FROM catalog_objects"
                                  " WHERE type IN ('volume', 'external_location') ORDER BY type DESC"));
  for (const auto& row : rows) {
    if (real.empty() || !contains(resolved(row.text(2)), real)) {
      continue;
    }
    const bool volume = row.text(0) == "volume";
    const auto* const privilege =
        volume ? (write ? "WRITE_VOLUME" : "READ_VOLUME") : (write ? "WRITE_FILES" : "READ_FILES");
    return require(
        caller, privilege,
        Securable{.type = volume ? SecurableType::volume : SecurableType::external_location, .full_name = row.text(1)});
  }
  return Error{.kind = ErrorKind::permission_denied,
               .code = "PERMISSION_DENIED",
               .message = "'" + path.string() + "' is in no volume and no external location",
               .hint = "copy it into a volume: databricks fs cp FILE dbfs:/Volumes/main/default/NAME/"};
}

Result<std::vector<std::filesystem::path>> CatalogStore::readable_folders(const identity::Caller& caller) {
  PIER_TRY_ASSIGN(const auto rows,
                  database_.query("SELECT type, full_name, storage_location FROM catalog_objects"
                                  " WHERE type IN ('volume', 'external_location') ORDER BY full_name"));
  std::vector<std::filesystem::path> out;
  for (const auto& row : rows) {
    const bool volume = row.text(0) == "volume";
    const Securable securable{.type = volume ? SecurableType::volume : SecurableType::external_location,
                              .full_name = row.text(1)};
    if (require(caller, volume ? "READ_VOLUME" : "READ_FILES", securable)) {
      out.emplace_back(row.text(2));
    }
  }
  return out;
}

} // namespace pier::catalog
