#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/files/workspace_store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace pier::files {
namespace {

constexpr std::uint64_t k_max_in_database = 256U * 1024;
constexpr std::uint64_t k_max_import = 10U * 1024 * 1024;
constexpr std::uint64_t k_max_file = 500ULL * 1024 * 1024;
constexpr std::size_t k_max_ipynb_sniff = 10U * 1024 * 1024;

Error already_exists(const std::string& path) {
  return Error{
      .kind = ErrorKind::already_exists, .code = "ALREADY_EXISTS", .message = "Path (" + path + ") already exists."};
}

Error too_large(std::string code, const std::string& path, std::string_view limit) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = std::move(code),
               .message = "the content of " + path + " is larger than " + std::string(limit)};
}

std::string with_name(const std::string& path, const std::string& name) {
  return path.substr(0, path.rfind('/') + 1) + name;
}

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

/// The first bytes of a file; all of a notebook's document, since its language is inside.
Result<std::string> head_of(const std::filesystem::path& file, const std::string& name, std::uint64_t size) {
  if (name.ends_with(".ipynb") && size <= k_max_ipynb_sniff) {
    return read_file(file, k_max_ipynb_sniff);
  }
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 128> buffer{};
  const auto count = fd ? ::read(fd.get(), buffer.data(), buffer.size()) : -1;
  if (count < 0) {
    return error_from_errno(errno, "reading " + file.string());
  }
  return std::string(buffer.data(), static_cast<std::size_t>(count));
}

Result<void> make_durable(const std::filesystem::path& file) {
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) {
    return error_from_errno(errno, "writing " + file.string());
  }
  return {};
}

} // namespace

Result<Draft> WorkspaceStore::draft_of(std::string_view path, std::string_view head) {
  PIER_TRY_ASSIGN(auto clean, canonical_path(path));
  if (clean == "/") {
    return already_exists(clean);
  }
  Draft draft{.path = clean};
  if (auto notebook = detect_notebook(name_of(clean), head); notebook && !notebook->stem.empty()) {
    draft.path = with_name(clean, notebook->stem);
    draft.type = ObjectType::notebook;
    draft.language = std::move(notebook->language);
    draft.is_ipynb = notebook->is_ipynb;
  }
  return draft;
}

/// Large content goes to a new file first, so that metadata never points to half of it.
Result<std::string> WorkspaceStore::place_content(const Draft& draft) {
  if (draft.size <= k_max_in_database) {
    return std::string();
  }
  auto name = hex_encode(random_bytes(16));
  const auto target = folder_ / name;
  if (draft.source.empty()) {
    PIER_TRY(write_file_atomically(target, draft.bytes, Durability::fsync, 0600));
    return name;
  }
  std::error_code failed;
  std::filesystem::rename(draft.source, target, failed);
  if (failed) {
    std::filesystem::copy_file(draft.source, target, failed);
  }
  if (failed) {
    return error_from_errno(failed.value(), "writing " + target.string());
  }
  PIER_TRY(make_durable(target));
  PIER_TRY(sync_directory(folder_));
  return name;
}

Result<ObjectInfo> WorkspaceStore::store_row(const Draft& draft, const std::string& content_file) {
  PIER_TRY_ASSIGN(const auto existing, find(draft.path));
  if (!existing) {
    return insert_object(draft, content_file);
  }
  auto info = existing->info;
  if (info.type != draft.type) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "RESOURCE_ALREADY_EXISTS",
                 .message = "Path (" + draft.path + ") already exists and is " +
                            (info.type == ObjectType::directory  ? "a folder"
                             : info.type == ObjectType::notebook ? "a notebook"
                                                                 : "a file")};
  }
  if (!draft.overwrite) {
    return already_exists(draft.path);
  }
  info.language = draft.language;
  info.is_ipynb = draft.is_ipynb;
  info.size = draft.size;
  info.modified_at = now_millis();
  PIER_TRY(database_.execute("UPDATE files_objects SET language = ?, ipynb = ?, size = ?, content_file = ?,"
                             " modified_at = ? WHERE id = ?",
                             {info.language, static_cast<std::int64_t>(info.is_ipynb ? 1 : 0),
                              static_cast<std::int64_t>(info.size), content_file, info.modified_at, info.object_id}));
  return info;
}

Result<ObjectInfo> WorkspaceStore::store(Draft draft) {
  if (draft.size > k_max_file) {
    return too_large("MAX_NOTEBOOK_SIZE_EXCEEDED", draft.path, "500 MB");
  }
  std::string kept;
  if (!draft.source.empty() && draft.size <= k_max_in_database) {
    PIER_TRY_ASSIGN(kept, read_file(draft.source, k_max_in_database));
    draft.bytes = kept;
    draft.source.clear();
  }
  PIER_TRY_ASSIGN(const auto content_file, place_content(draft));
  PIER_TRY_ASSIGN(const auto before, find(draft.path));
  const auto old_file = before ? before->content_file : std::string();
  // A file on the disk may only go when no power cut can bring back the row that names it.
  const auto commit =
      content_file.empty() && old_file.empty() ? store::Database::Commit::relaxed : store::Database::Commit::durable;
  auto stored = database_.transaction(
      [&]() -> Result<ObjectInfo> {
        PIER_TRY_ASSIGN(auto info, store_row(draft, content_file));
        if (content_file.empty()) {
          PIER_TRY(database_.execute("INSERT INTO files_contents(object_id, bytes) VALUES (?, ?)"
                                     " ON CONFLICT(object_id) DO UPDATE SET bytes = excluded.bytes",
                                     {info.object_id, std::string(draft.bytes)}));
        } else {
          PIER_TRY(database_.execute("DELETE FROM files_contents WHERE object_id = ?", {info.object_id}));
        }
        return info;
      },
      commit);
  if (const auto& useless = stored ? old_file : content_file; !useless.empty()) {
    remove_content_file(useless);
  }
  return stored;
}

Result<ObjectInfo> WorkspaceStore::write(std::string_view path, std::string_view content, bool overwrite) {
  PIER_TRY_ASSIGN(auto draft, draft_of(path, content));
  draft.overwrite = overwrite;
  draft.bytes = content;
  draft.size = content.size();
  return store(std::move(draft));
}

Result<ObjectInfo> WorkspaceStore::write_from(std::string_view path, const std::filesystem::path& source,
                                              bool overwrite) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(source, failed);
  if (failed) {
    return error_from_errno(failed.value(), "reading " + source.string());
  }
  PIER_TRY_ASSIGN(const auto clean, canonical_path(path));
  PIER_TRY_ASSIGN(const auto head, head_of(source, name_of(clean), size));
  PIER_TRY_ASSIGN(auto draft, draft_of(clean, head));
  draft.overwrite = overwrite;
  draft.source = source;
  draft.size = size;
  return store(std::move(draft));
}

Result<ObjectInfo> WorkspaceStore::import(std::string_view path, std::string_view content,
                                          const ImportOptions& options) {
  PIER_TRY_ASSIGN(const auto clean, canonical_path(path));
  if (content.size() > k_max_import) {
    return too_large("MAX_NOTEBOOK_SIZE_EXCEEDED", clean, "10 MB");
  }
  PIER_TRY_ASSIGN(auto draft, draft_of(clean, content));
  switch (options.format) {
  case ImportFormat::automatic: break;
  case ImportFormat::raw: draft = Draft{.path = clean}; break;
  case ImportFormat::jupyter:
  case ImportFormat::source: {
    const auto language = options.language.empty() ? std::string(language_of_extension(clean)) : options.language;
    if (options.format == ImportFormat::source && extension_of(language, false).empty()) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "INVALID_PARAMETER_VALUE",
                   .message = "format SOURCE needs a language: PYTHON, SQL, SCALA or R",
                   .hint = "use format AUTO or RAW for a file that is no notebook"};
    }
    const bool jupyter = options.format == ImportFormat::jupyter;
    const auto kind = jupyter ? detect_notebook("x.ipynb", content) : std::nullopt;
    draft = Draft{
        .path = clean, .type = ObjectType::notebook, .language = kind ? kind->language : language, .is_ipynb = jupyter};
    break;
  }
  }
  draft.overwrite = options.overwrite;
  draft.bytes = content;
  draft.size = content.size();
  auto stored = store(std::move(draft));
  if (!stored && stored.error().kind == ErrorKind::already_exists) {
    auto error = std::move(stored).error();
    error.kind = ErrorKind::invalid_argument; // this call answers 400 where import-file answers 409
    error.code = "RESOURCE_ALREADY_EXISTS";
    return error;
  }
  return stored;
}

Result<Content> WorkspaceStore::content(std::string_view path) {
  PIER_TRY_ASSIGN(const auto clean, canonical_path(path));
  PIER_TRY_ASSIGN(const auto rows, database_.query(select_objects("o LEFT JOIN files_contents c ON c.object_id = o.id"
                                                                  " WHERE o.path = ?",
                                                                  ", c.bytes"),
                                                   {clean}));
  if (rows.empty()) {
    return missing_path(clean);
  }
  Content out{.info = info_of(rows.front())};
  if (out.info.type == ObjectType::directory) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "INVALID_PARAMETER_VALUE",
                 .message = "Path (" + clean + ") is a folder and has no content"};
  }
  if (const auto name = rows.front().text(8); !name.empty()) {
    out.file = folder_ / name;
  } else {
    out.bytes = rows.front().text(9);
  }
  return out;
}

Result<std::string> WorkspaceStore::read(std::string_view path) {
  PIER_TRY_ASSIGN(auto found, content(path));
  if (found.file.empty()) {
    return std::move(found.bytes);
  }
  return read_file(found.file, k_max_file);
}

Result<void> WorkspaceStore::materialize_one(const Stored& stored, const std::string& root,
                                             const std::filesystem::path& to) {
  const auto& info = stored.info;
  const auto relative = info.path == root ? std::string() : info.path.substr(root == "/" ? 1 : root.size() + 1);
  auto target = relative.empty() ? to : to / relative;
  if (info.type == ObjectType::directory) {
    return pier::make_directories(target);
  }
  if (info.type == ObjectType::notebook) {
    target += extension_of(info.language, info.is_ipynb);
  }
  if (!stored.content_file.empty()) {
    std::error_code failed;
    std::filesystem::copy_file(folder_ / stored.content_file, target, std::filesystem::copy_options::overwrite_existing,
                               failed);
    return failed ? Result<void>(error_from_errno(failed.value(), "writing " + target.string())) : Result<void>();
  }
  PIER_TRY_ASSIGN(const auto bytes, read(info.path));
  return write_file_atomically(target, bytes, Durability::none);
}

Result<void> WorkspaceStore::materialize(std::string_view path, const std::filesystem::path& to) {
  PIER_TRY_ASSIGN(const auto clean, canonical_path(path));
  PIER_TRY_ASSIGN(const auto objects, below(clean));
  if (objects.empty()) {
    return missing_path(clean);
  }
  for (const auto& object : objects) {
    PIER_TRY(materialize_one(object, clean, to));
  }
  return {};
}

} // namespace pier::files
