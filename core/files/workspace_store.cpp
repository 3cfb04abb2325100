#include "core/files/workspace_store.hpp"

#include "core/base/files.hpp"
#include "core/base/text.hpp"

#include <array>
#include <set>

namespace pier::files {
namespace {

constexpr std::array<std::string_view, 1> k_schema = {R"sql(
CREATE TABLE files_objects(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  parent_id INTEGER REFERENCES files_objects(id),
  path TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  language TEXT NOT NULL,
  ipynb INTEGER NOT NULL,
  size INTEGER NOT NULL,
  content_file TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL
) STRICT;
CREATE INDEX files_objects_by_parent ON files_objects(parent_id, path);
CREATE TABLE files_contents(
  object_id INTEGER PRIMARY KEY REFERENCES files_objects(id) ON DELETE CASCADE,
  bytes ANY NOT NULL
) STRICT;
)sql"};

constexpr std::string_view k_columns = "id, path, type, language, ipynb, size, created_at, modified_at, content_file";

ObjectType type_of(std::string_view text) {
  if (text == "directory") {
    return ObjectType::directory;
  }
  return text == "notebook" ? ObjectType::notebook : ObjectType::file;
}

std::string parent_path(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? std::string("/") : path.substr(0, slash);
}

} // namespace

std::string select_objects(std::string_view tail, std::string_view more_columns) {
  return "SELECT " + std::string(k_columns) + std::string(more_columns) + " FROM files_objects " + std::string(tail);
}

ObjectInfo info_of(const store::Row& row) {
  return ObjectInfo{.type = type_of(row.text(2)),
                    .path = row.text(1),
                    .object_id = row.integer(0),
                    .language = row.text(3),
                    .size = static_cast<std::uint64_t>(row.integer(5)),
                    .created_at = row.integer(6),
                    .modified_at = row.integer(7),
                    .is_ipynb = row.integer(4) != 0};
}

Error missing_path(std::string_view path) {
  return Error{.kind = ErrorKind::not_found,
               .code = "RESOURCE_DOES_NOT_EXIST",
               .message = "Path (" + std::string(path) + ") doesn't exist."};
}

Result<std::unique_ptr<WorkspaceFiles>> WorkspaceFiles::open(store::Database& database, const Clock& clock,
                                                             std::filesystem::path folder) {
  auto files = std::make_unique<WorkspaceStore>(database, clock, std::move(folder));
  PIER_TRY(files->prepare());
  return std::unique_ptr<WorkspaceFiles>(std::move(files));
}

Result<void> WorkspaceStore::prepare() {
  PIER_TRY(database_.ensure_schema("files", k_schema));
  PIER_TRY(pier::make_directories(folder_, 0700));
  PIER_TRY(database_.transaction([&]() -> Result<ObjectInfo> {
    PIER_TRY_ASSIGN(const auto root, find("/"));
    return root ? Result<ObjectInfo>(root->info) : insert_directory("/");
  }));
  // Contents that a crash left without metadata.
  PIER_TRY_ASSIGN(const auto rows, database_.query("SELECT content_file FROM files_objects WHERE content_file <> ''"));
  std::set<std::string, std::less<>> known;
  for (const auto& row : rows) {
    known.insert(row.text(0));
  }
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, ignored)) {
    if (const auto name = entry.path().filename().string(); !known.contains(name)) {
      remove_content_file(name);
    }
  }
  return {};
}

void WorkspaceStore::remove_content_file(const std::string& name) {
  std::error_code left_for_the_next_start;
  std::filesystem::remove(folder_ / name, left_for_the_next_start);
}

Result<std::optional<WorkspaceStore::Stored>> WorkspaceStore::find(const std::string& path) {
  PIER_TRY_ASSIGN(const auto rows, database_.query(select_objects("WHERE path = ?"), {path}));
  if (rows.empty()) {
    return std::optional<Stored>();
  }
  return std::optional(Stored{.info = info_of(rows.front()), .content_file = rows.front().text(8)});
}

/// The object and everything in it, parents first.
Result<std::vector<WorkspaceStore::Stored>> WorkspaceStore::below(const std::string& path) {
  const auto prefix = path == "/" ? path : path + "/";
  auto end = prefix;
  ++end.back(); // '0' follows '/': the range of all paths below, on the index
  PIER_TRY_ASSIGN(const auto rows, database_.query(select_objects("WHERE path = ? OR (path > ? AND path < ?)"
                                                                  " ORDER BY path"),
                                                   {path, prefix, end}));
  std::vector<Stored> out;
  for (const auto& row : rows) {
    out.push_back(Stored{.info = info_of(row), .content_file = row.text(8)});
  }
  return out;
}

Result<ObjectInfo> WorkspaceStore::status(std::string_view path) {
  PIER_TRY_ASSIGN(const auto clean, canonical_path(path));
  PIER_TRY_ASSIGN(auto found, find(clean));
  if (!found) {
    return missing_path(clean);
  }
  return std::move(found->info);
}

Result<ObjectInfo> WorkspaceStore::by_id(std::int64_t object_id) {
  PIER_TRY_ASSIGN(const auto rows, database_.query(select_objects("WHERE id = ?"), {object_id}));
  if (rows.empty()) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "RESOURCE_DOES_NOT_EXIST",
                 .message = "no workspace object has the id " + std::to_string(object_id)};
  }
  return info_of(rows.front());
}

Result<std::vector<ObjectInfo>> WorkspaceStore::chain(std::string_view path) {
  PIER_TRY_ASSIGN(auto clean, canonical_path(path));
  std::vector<ObjectInfo> out;
  while (true) {
    PIER_TRY_ASSIGN(auto found, find(clean));
    if (found) {
      out.push_back(std::move(found->info));
    }
    if (clean == "/") {
      return out;
    }
    clean = parent_path(clean);
  }
}

Result<std::vector<ObjectInfo>> WorkspaceStore::list(std::string_view path) {
  PIER_TRY_ASSIGN(auto object, status(path));
  if (object.type != ObjectType::directory) {
    return std::vector{std::move(object)};
  }
  PIER_TRY_ASSIGN(const auto rows,
                  database_.query(select_objects("WHERE parent_id = ? ORDER BY path"), {object.object_id}));
  std::vector<ObjectInfo> out;
  out.reserve(rows.size());
  for (const auto& row : rows) {
    out.push_back(info_of(row));
  }
  return out;
}

Result<ObjectInfo> WorkspaceStore::insert_directory(const std::string& path) {
  return insert_object(Draft{.path = path, .type = ObjectType::directory}, {});
}

Result<ObjectInfo> WorkspaceStore::make_directories(std::string_view path) {
  PIER_TRY_ASSIGN(const auto clean, canonical_path(path));
  return database_.transaction(
      [&]() -> Result<ObjectInfo> {
        PIER_TRY_ASSIGN(const auto above, chain(clean));
        auto place = above.front();
        if (place.type != ObjectType::directory) {
          return Error{.kind = ErrorKind::invalid_argument,
                       .code = "RESOURCE_ALREADY_EXISTS",
                       .message = "Path (" + place.path + ") already exists and is no folder"};
        }
        while (place.path != clean) {
          const auto from = place.path == "/" ? std::size_t{1} : place.path.size() + 1;
          const auto end = std::min(clean.find('/', from), clean.size());
          PIER_TRY_ASSIGN(place, insert_directory(clean.substr(0, end)));
        }
        return place;
      },
      store::Database::Commit::relaxed);
}

Result<void> WorkspaceStore::remove(std::string_view path, bool recursive) {
  PIER_TRY_ASSIGN(const auto clean, canonical_path(path));
  std::vector<std::string> content_files;
  auto removed = database_.transaction([&]() -> Result<void> {
    PIER_TRY_ASSIGN(const auto objects, below(clean));
    if (objects.empty()) {
      return missing_path(clean);
    }
    if (clean == "/" || clean == "/Users" || clean == "/Shared") {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "INVALID_PARAMETER_VALUE",
                   .message = "Folder " + clean + " is protected"};
    }
    if (objects.size() > 1 && !recursive) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "DIRECTORY_NOT_EMPTY",
                   .message = "Folder (" + clean + ") is not empty"};
    }
    std::vector<ObjectInfo> infos;
    for (auto it = objects.rbegin(); it != objects.rend(); ++it) {
      PIER_TRY(database_.execute("DELETE FROM files_objects WHERE id = ?", {it->info.object_id}));
      infos.push_back(it->info);
      if (!it->content_file.empty()) {
        content_files.push_back(it->content_file);
      }
    }
    return removed_ ? removed_(infos) : Result<void>();
  });
  PIER_TRY(std::move(removed));
  for (const auto& name : content_files) {
    remove_content_file(name);
  }
  return {};
}

Result<ObjectInfo> WorkspaceStore::insert_object(const Draft& draft, const std::string& content_file) {
  store::Value parent = nullptr;
  if (draft.path != "/") {
    const auto above = parent_path(draft.path);
    PIER_TRY_ASSIGN(const auto folder, find(above));
    if (!folder || folder->info.type != ObjectType::directory) {
      return Error{.kind = ErrorKind::not_found,
                   .code = "RESOURCE_DOES_NOT_EXIST",
                   .message = "The parent folder (" + above + ") does not exist."};
    }
    parent = folder->info.object_id;
  }
  const std::string_view type = draft.type == ObjectType::directory  ? "directory"
                                : draft.type == ObjectType::notebook ? "notebook"
                                                                     : "file";
  const auto now = now_millis();
  PIER_TRY_ASSIGN(const auto id,
                  database_.insert("INSERT INTO files_objects(parent_id, path, type, language, ipynb, size,"
                                   " content_file, created_at, modified_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                   {parent, draft.path, std::string(type), draft.language,
                                    static_cast<std::int64_t>(draft.is_ipynb ? 1 : 0),
                                    static_cast<std::int64_t>(draft.size), content_file, now, now}));
  return ObjectInfo{.type = draft.type,
                    .path = draft.path,
                    .object_id = id,
                    .language = draft.language,
                    .size = draft.size,
                    .created_at = now,
                    .modified_at = now,
                    .is_ipynb = draft.is_ipynb};
}

} // namespace pier::files
