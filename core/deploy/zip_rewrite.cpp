#include "core/deploy/zip_rewrite.hpp"

#include <minizip/unzip.h>
#include <minizip/zip.h>

#include <array>
#include <limits>
#include <memory>
#include <system_error>
#include <vector>

#include <unistd.h>

namespace pier::deploy {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t k_max_member = 64ULL * 1024 * 1024;
constexpr std::size_t k_chunk = 64UL * 1024;
constexpr std::size_t k_max_name = 4096;
constexpr std::uint64_t k_zip64 = 0xFFFFFFFFU;
constexpr uLong k_utf8_names = 0x0800; ///< general purpose flag of APPNOTE 4.4.4

struct CloseReader {
  void operator()(void* file) const { unzClose(file); }
};

using Reader = std::unique_ptr<void, CloseReader>;

Error unreadable(const fs::path& archive) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "PIER2070",
               .message = archive.string() + " is not a ZIP archive that can be read"};
}

Result<Reader> open_archive(const fs::path& archive) {
  Reader reader(unzOpen64(archive.c_str()));
  if (!reader) {
    return unreadable(archive);
  }
  return reader;
}

struct Member {
  std::string name;
  unz_file_info64 info{};
};

bool read_header(void* reader, Member& member) {
  std::array<char, k_max_name> name{};
  if (unzGetCurrentFileInfo64(reader, &member.info, name.data(), name.size() - 1, nullptr, 0, nullptr, 0) != UNZ_OK) {
    return false;
  }
  member.name = name.data();
  return member.info.size_filename < name.size();
}

/// Calls take(bytes, length) for what is stored of the current member: as it is, or unpacked.
template <class Take> bool read_current(void* reader, bool raw, const Take& take) {
  int method = 0;
  int level = 0;
  if (unzOpenCurrentFile2(reader, &method, &level, raw ? 1 : 0) != UNZ_OK) {
    return false;
  }
  std::vector<char> chunk(k_chunk);
  int length = 0;
  while ((length = unzReadCurrentFile(reader, chunk.data(), static_cast<unsigned>(chunk.size()))) > 0) {
    if (!take(chunk.data(), static_cast<unsigned>(length))) {
      unzCloseCurrentFile(reader);
      return false;
    }
  }
  return unzCloseCurrentFile(reader) == UNZ_OK && length == 0;
}

class Writer {
 public:
  explicit Writer(const fs::path& target)
      : file_(zipOpen64(target.c_str(), APPEND_STATUS_CREATE)) {}

  ~Writer() { close(); }

  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  [[nodiscard]] bool is_open() const { return file_ != nullptr; }

  bool close() {
    auto* file = std::exchange(file_, nullptr);
    return file == nullptr || zipClose(file, nullptr) == ZIP_OK;
  }

  bool copy(void* reader, const Member& member, const std::string& name) {
    return begin(member, name, true) &&
           read_current(reader, true,
                        [this](const char* bytes, unsigned length) {
                          return zipWriteInFileInZip(file_, bytes, length) == ZIP_OK;
                        }) &&
           zipCloseFileInZipRaw64(file_, member.info.uncompressed_size, member.info.crc) == ZIP_OK;
  }

  bool put(const Member& member, const std::string& name, const std::string& content) {
    return content.size() <= std::numeric_limits<unsigned>::max() && begin(member, name, false) &&
           zipWriteInFileInZip(file_, content.data(), static_cast<unsigned>(content.size())) == ZIP_OK &&
           zipCloseFileInZip(file_) == ZIP_OK;
  }

 private:
  bool begin(const Member& member, const std::string& name, bool raw) {
    zip_fileinfo info{};
    info.dosDate = member.info.dosDate;
    info.internal_fa = member.info.internal_fa;
    info.external_fa = member.info.external_fa;
    const bool large = member.info.uncompressed_size >= k_zip64 || member.info.compressed_size >= k_zip64;
    return zipOpenNewFileInZip4_64(file_, name.c_str(), &info, nullptr, 0, nullptr, 0, nullptr,
                                   static_cast<int>(member.info.compression_method), Z_DEFAULT_COMPRESSION, raw ? 1 : 0,
                                   -MAX_WBITS, DEF_MEM_LEVEL, Z_DEFAULT_STRATEGY, nullptr, 0, member.info.version,
                                   member.info.flag & k_utf8_names, large ? 1 : 0) == ZIP_OK;
  }

  void* file_;
};

bool copy_members(void* reader, Writer& writer, const ZipChanges& changes) {
  int at = unzGoToFirstFile(reader);
  for (; at == UNZ_OK; at = unzGoToNextFile(reader)) {
    Member member;
    if (!read_header(reader, member)) {
      return false;
    }
    const auto name = changes.rename ? changes.rename(member.name) : member.name;
    const auto content = changes.contents.find(member.name);
    if (!(content == changes.contents.end() ? writer.copy(reader, member, name)
                                            : writer.put(member, name, content->second))) {
      return false;
    }
  }
  return at == UNZ_END_OF_LIST_OF_FILE;
}

} // namespace

Result<std::string> read_zip_member(const fs::path& archive, const std::string& name) {
  PIER_TRY_ASSIGN(const auto reader, open_archive(archive));
  if (unzLocateFile(reader.get(), name.c_str(), 1) != UNZ_OK) {
    return Error{
        .kind = ErrorKind::not_found, .code = "PIER2070", .message = archive.string() + " has no member " + name};
  }
  std::string content;
  const bool read = read_current(reader.get(), false, [&](const char* bytes, unsigned length) {
    content.append(bytes, length);
    return content.size() <= k_max_member;
  });
  if (!read) {
    return unreadable(archive).with_context("reading " + name);
  }
  return content;
}

Result<void> rewrite_zip(const fs::path& archive, const fs::path& target, const ZipChanges& changes) {
  PIER_TRY_ASSIGN(const auto reader, open_archive(archive));
  const fs::path unfinished = target.string() + ".tmp" + std::to_string(::getpid());
  std::error_code code;
  {
    Writer writer(unfinished);
    if (!writer.is_open() || !copy_members(reader.get(), writer, changes) || !writer.close()) {
      fs::remove(unfinished, code);
      return Error{.kind = ErrorKind::io,
                   .code = "PIER2070",
                   .message = "cannot copy " + archive.string() + " to " + target.string()};
    }
  }
  fs::rename(unfinished, target, code);
  if (code) {
    return Error{.kind = ErrorKind::io, .code = "PIER2070", .message = target.string() + ": " + code.message()};
  }
  return {};
}

} // namespace pier::deploy
