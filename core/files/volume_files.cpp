#include "core/files/volume_files.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/files/workspace_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace pier::files {
namespace {

constexpr std::string_view k_temporary = ".pier-tmp-";

Error not_found(const std::string& path) {
  return Error{.kind = ErrorKind::not_found,
               .code = "NOT_FOUND",
               .message = "No file or directory exists on path " + path + "."};
}

Error invalid(std::string message) {
  return Error{.kind = ErrorKind::invalid_argument, .code = "INVALID_PARAMETER_VALUE", .message = std::move(message)};
}

Error exists(const std::string& path, std::string_view what) {
  return Error{.kind = ErrorKind::already_exists,
               .code = "ALREADY_EXISTS",
               .message = std::string(what) + " being created already exists: " + path};
}

Result<VolumeEntry> entry_of(const std::filesystem::path& file, std::string path) {
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0) {
    return errno == ENOENT || errno == ENOTDIR ? not_found(path) : error_from_errno(errno, "reading " + path);
  }
  const bool directory = S_ISDIR(info.st_mode);
  return VolumeEntry{.path = std::move(path),
                     .is_directory = directory,
                     .size = directory ? 0 : static_cast<std::uint64_t>(info.st_size),
                     .modified_at = std::int64_t{info.st_mtim.tv_sec} * 1000 + info.st_mtim.tv_nsec / 1'000'000};
}

Result<void> make_durable(const std::filesystem::path& file) {
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) {
    return error_from_errno(errno, "writing " + file.string());
  }
  return {};
}

/// Puts a complete file in place as one step. EEXIST and EISDIR are the caller's business.
int put_in_place(const std::filesystem::path& from, const std::filesystem::path& to, bool overwrite) {
  const int done = overwrite ? ::rename(from.c_str(), to.c_str())
                             : ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE);
  return done == 0 ? 0 : errno;
}

/// Writes content or a copy of source beside the target; the result is durable but not yet visible.
Result<std::filesystem::path> stage(const std::filesystem::path& target, std::string_view content,
                                    const std::filesystem::path& source) {
  const auto temporary = target.parent_path() / (std::string(k_temporary) + hex_encode(random_bytes(12)));
  if (source.empty()) {
    PIER_TRY(create_file_exclusively(temporary, content, Durability::fsync, 0600));
    return temporary;
  }
  if (::rename(source.c_str(), temporary.c_str()) != 0) {
    std::error_code failed;
    std::filesystem::copy_file(source, temporary, failed);
    if (failed) {
      [[maybe_unused]] const bool removed = std::filesystem::remove(temporary, failed);
      return error_from_errno(failed.value(), "writing " + target.string());
    }
  }
  PIER_TRY(make_durable(temporary));
  return temporary;
}

} // namespace

Result<VolumePath> VolumeFiles::locate(const identity::Caller& caller, std::string_view path,
                                       std::string_view privilege) {
  PIER_TRY_ASSIGN(const auto clean, canonical_path(path));
  const auto parts = split(clean, '/');
  if (parts.size() < 5 || parts[1] != "Volumes") {
    return invalid("'" + clean + "' is no path in a volume: write /Volumes/catalog/schema/volume/…");
  }
  VolumePath out{.volume = to_lower(parts[2] + "." + parts[3] + "." + parts[4]), .is_root = parts.size() == 5};
  if (std::count(out.volume.begin(), out.volume.end(), '.') != 2) {
    return not_found(clean);
  }
  PIER_TRY(catalog_.require(caller, privilege,
                            catalog::Securable{.type = catalog::SecurableType::volume, .full_name = out.volume}));
  out.path = "/Volumes/" + replace_all(out.volume, ".", "/");
  std::string relative;
  for (std::size_t i = 5; i < parts.size(); ++i) {
    if (parts[i].starts_with(k_temporary)) {
      return not_found(clean);
    }
    relative += (relative.empty() ? "" : "/") + parts[i];
    out.path += "/" + parts[i];
  }
  PIER_TRY_ASSIGN(const auto folder, catalog_.volume_folder(out.volume));
  if (out.is_root) {
    out.file = folder;
  } else {
    PIER_TRY_ASSIGN(out.file, resolve_inside(folder, relative));
  }
  return out;
}

Result<VolumePath> VolumeFiles::open(const identity::Caller& caller, std::string_view path) {
  return locate(caller, path, "READ_VOLUME");
}

Result<VolumeEntry> VolumeFiles::status(const identity::Caller& caller, std::string_view path) {
  PIER_TRY_ASSIGN(const auto place, open(caller, path));
  return entry_of(place.file, place.path);
}

Result<VolumePage> VolumeFiles::list(const identity::Caller& caller, std::string_view path, std::size_t limit,
                                     std::string_view page_token) {
  std::string after;
  if (!page_token.empty()) {
    auto decoded = base64_decode(page_token);
    if (!decoded || !decoded->starts_with("v1/")) {
      return invalid("page_token is none that a listing returned");
    }
    after = decoded->substr(3);
  }
  PIER_TRY_ASSIGN(const auto place, open(caller, path));
  PIER_TRY_ASSIGN(const auto itself, entry_of(place.file, place.path));
  if (!itself.is_directory) {
    return not_found(place.path);
  }
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(place.file, failed)) {
    auto name = entry.path().filename().string();
    if (!name.starts_with(k_temporary) && name > after) {
      names.push_back(std::move(name));
    }
  }
  if (failed) {
    return error_from_errno(failed.value(), "listing " + place.path);
  }
  const auto count = std::min(limit, names.size());
  std::partial_sort(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(count), names.end());
  VolumePage page;
  for (std::size_t i = 0; i < count; ++i) {
    auto entry = entry_of(place.file / names[i], place.path + "/" + names[i]);
    if (entry) { // else it went in the meantime
      page.entries.push_back(*std::move(entry));
    }
  }
  if (count < names.size()) {
    page.next_page_token = base64url_encode("v1/" + names[count - 1]);
  }
  return page;
}

Result<void> VolumeFiles::write(const identity::Caller& caller, std::string_view path, std::string_view content,
                                const std::filesystem::path& source, bool overwrite) {
  PIER_TRY_ASSIGN(const auto place, locate(caller, path, "WRITE_VOLUME"));
  std::error_code ignored;
  const auto kind = std::filesystem::status(place.file, ignored).type();
  if (place.is_root || kind == std::filesystem::file_type::directory) {
    return exists(place.path, "The file");
  }
  if (kind == std::filesystem::file_type::regular && !overwrite) {
    return exists(place.path, "The file");
  }
  auto parents = pier::make_directories(place.file.parent_path(), 0755);
  if (!parents) {
    return parents.error().kind == ErrorKind::io ? exists(place.path, "A file above the one") : std::move(parents);
  }
  PIER_TRY_ASSIGN(const auto temporary, stage(place.file, content, source));
  if (const int problem = put_in_place(temporary, place.file, overwrite); problem != 0) {
    std::filesystem::remove(temporary, ignored);
    return problem == EEXIST || problem == EISDIR ? exists(place.path, "The file")
                                                  : error_from_errno(problem, "writing " + place.path);
  }
  return sync_directory(place.file.parent_path());
}

Result<void> VolumeFiles::remove(const identity::Caller& caller, std::string_view path) {
  PIER_TRY_ASSIGN(const auto place, locate(caller, path, "WRITE_VOLUME"));
  PIER_TRY_ASSIGN(const auto entry, entry_of(place.file, place.path));
  if (entry.is_directory) {
    return invalid("'" + place.path + "' is a directory: remove it with DELETE /api/2.0/fs/directories");
  }
  if (::unlink(place.file.c_str()) != 0) {
    return errno == ENOENT ? not_found(place.path) : error_from_errno(errno, "removing " + place.path);
  }
  return {};
}

Result<void> VolumeFiles::make_directories(const identity::Caller& caller, std::string_view path) {
  PIER_TRY_ASSIGN(const auto place, locate(caller, path, "WRITE_VOLUME"));
  std::error_code ignored;
  for (auto at = place.file; at.has_relative_path(); at = at.parent_path()) {
    const auto kind = std::filesystem::status(at, ignored).type();
    if (kind == std::filesystem::file_type::directory) {
      break;
    }
    if (kind == std::filesystem::file_type::regular) {
      return exists(place.path, "A file above or at the directory");
    }
  }
  return pier::make_directories(place.file, 0755);
}

Result<void> VolumeFiles::remove_directory(const identity::Caller& caller, std::string_view path) {
  PIER_TRY_ASSIGN(const auto place, locate(caller, path, "WRITE_VOLUME"));
  PIER_TRY_ASSIGN(const auto entry, entry_of(place.file, place.path));
  if (!entry.is_directory || place.is_root) {
    return invalid(place.is_root ? "'" + place.path + "' is a volume: remove it in the catalog"
                                 : "'" + place.path + "' is a file: remove it with DELETE /api/2.0/fs/files");
  }
  if (::rmdir(place.file.c_str()) == 0) {
    return {};
  }
  if (errno == ENOTEMPTY || errno == EEXIST) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "FILES_API_DIRECTORY_IS_NOT_EMPTY",
                 .message = "The directory being deleted is not empty: " + place.path};
  }
  return errno == ENOENT ? not_found(place.path) : error_from_errno(errno, "removing " + place.path);
}

} // namespace pier::files
