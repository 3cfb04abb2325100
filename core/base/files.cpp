#include "core/base/files.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace fs = std::filesystem;

namespace pier {
namespace {

Error from_code(const std::error_code& code, const std::string& doing) {
  return error_from_errno(code.value(), doing);
}

fs::path parent_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// Removes a half-made file unless it was kept.
class Unfinished {
 public:
  explicit Unfinished(fs::path path)
      : path_(std::move(path)) {}

  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;

  ~Unfinished() {
    if (!path_.empty()) {
      ::unlink(path_.c_str());
    }
  }

  void keep() { path_.clear(); }

 private:
  fs::path path_;
};

Result<void> write_all(int fd, std::string_view content, const fs::path& path) {
  while (!content.empty()) {
    const auto written = ::write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) {
        continue;
      }
      return error_from_errno(errno, "cannot write " + path.string());
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

/// A temporary file with the content beside `path`; its name.
Result<fs::path> write_temporary(const fs::path& path, std::string_view content, Durability durability, unsigned mode) {
  fs::path temporary = parent_of(path) / ("." + path.filename().string() + "." + hex_encode(random_bytes(6)) + ".tmp");
  UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!fd) {
    return error_from_errno(errno, "cannot create " + temporary.string());
  }
  Unfinished unfinished(temporary);
  PIER_TRY(write_all(fd.get(), content, path));
  if (durability == Durability::fsync && ::fsync(fd.get()) != 0) {
    return error_from_errno(errno, "cannot write " + path.string());
  }
  unfinished.keep();
  return temporary;
}

} // namespace

Result<std::string> read_file(const fs::path& path, std::uint64_t max_bytes) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) {
    return error_from_errno(errno, "cannot read " + path.string());
  }
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) {
    return error_from_errno(errno, "cannot read " + path.string());
  }
  if (S_ISDIR(info.st_mode)) {
    return error_from_errno(EISDIR, "cannot read " + path.string());
  }
  std::string content;
  content.reserve(static_cast<std::size_t>(std::max<off_t>(info.st_size, 0)));
  char buffer[64 * 1024];
  while (true) {
    const auto count = ::read(fd.get(), buffer, sizeof buffer);
    if (count < 0) {
      if (errno == EINTR) {
        continue;
      }
      return error_from_errno(errno, "cannot read " + path.string());
    }
    if (count == 0) {
      return content;
    }
    content.append(buffer, static_cast<std::size_t>(count));
    if (content.size() > max_bytes) {
      return Error{.kind = ErrorKind::too_large,
                   .code = "PIER0104",
                   .message = path.string() + " is larger than " + std::to_string(max_bytes) + " bytes"};
    }
  }
}

Result<void> write_file_atomically(const fs::path& path, std::string_view content, Durability durability,
                                   unsigned mode) {
  PIER_TRY_ASSIGN(const auto temporary, write_temporary(path, content, durability, mode));
  Unfinished unfinished(temporary);
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    return error_from_errno(errno, "cannot write " + path.string());
  }
  unfinished.keep();
  if (durability == Durability::fsync) {
    return sync_directory(parent_of(path));
  }
  return {};
}

Result<void> create_file_exclusively(const fs::path& path, std::string_view content, Durability durability,
                                     unsigned mode) {
  PIER_TRY_ASSIGN(const auto temporary, write_temporary(path, content, durability, mode));
  const Unfinished unfinished(temporary);
  if (::link(temporary.c_str(), path.c_str()) != 0) {
    return error_from_errno(errno, "cannot create " + path.string());
  }
  if (durability == Durability::fsync) {
    return sync_directory(parent_of(path));
  }
  return {};
}

Result<void> make_directories(const fs::path& path, unsigned mode) {
  std::error_code code;
  if (fs::is_directory(path, code)) {
    return {};
  }
  if (path.has_parent_path() && path.parent_path() != path) {
    PIER_TRY(make_directories(path.parent_path(), mode));
  }
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) {
    return error_from_errno(errno, "cannot create folder " + path.string());
  }
  if (!fs::is_directory(path, code)) {
    return error_from_errno(ENOTDIR, "cannot create folder " + path.string());
  }
  return {};
}

Result<void> remove_tree(const fs::path& path) {
  std::error_code code;
  fs::remove_all(path, code);
  if (code) {
    return from_code(code, "cannot remove " + path.string());
  }
  return {};
}

Result<void> copy_tree(const fs::path& from, const fs::path& to) {
  std::error_code code;
  fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks, code);
  if (code) {
    return from_code(code, "cannot copy " + from.string() + " to " + to.string());
  }
  return {};
}

Result<void> sync_directory(const fs::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) {
    return error_from_errno(errno, "cannot sync " + path.string());
  }
  return {};
}

Result<fs::path> resolve_inside(const fs::path& root, std::string_view relative) {
  const auto refused = [&](std::string_view why) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER0105",
                 .message = "path '" + std::string(relative) + "' " + std::string(why)};
  };
  if (relative.find('\0') != std::string_view::npos) {
    return refused("contains a NUL character");
  }
  const auto normal = fs::path(relative).relative_path().lexically_normal();
  if (!normal.empty() && *normal.begin() == "..") {
    return refused("leaves its folder");
  }
  std::error_code code;
  const auto real_root = fs::weakly_canonical(root, code);
  auto result = normal == "." ? root : root / normal;
  const auto real = fs::weakly_canonical(result, code);
  if (code) {
    return from_code(code, "cannot resolve " + result.string());
  }
  const auto inside = real.lexically_relative(real_root);
  if (inside.empty() || *inside.begin() == "..") {
    return refused("leaves its folder through a link");
  }
  return result;
}

Result<TempDirectory> TempDirectory::create(std::string_view prefix) {
  std::error_code code;
  const auto base = fs::temp_directory_path(code);
  std::string pattern = ((code ? fs::path("/tmp") : base) / (std::string(prefix) + ".XXXXXX")).string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    return error_from_errno(errno, "cannot create a temporary folder");
  }
  return TempDirectory(fs::path(pattern));
}

TempDirectory& TempDirectory::operator=(TempDirectory&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

TempDirectory::~TempDirectory() {
  if (!path_.empty()) {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
}

Result<FileLock> FileLock::try_acquire(const fs::path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) {
    return error_from_errno(errno, "cannot open lock " + path.string());
  }
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{
        .kind = ErrorKind::conflict, .code = "PIER0106", .message = path.string() + " is locked by another process"};
  }
  return FileLock(std::move(fd));
}

} // namespace pier
