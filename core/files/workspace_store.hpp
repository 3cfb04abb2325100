#pragma once

#include "core/files/notebook.hpp"
#include "core/files/workspace_files.hpp"

namespace pier::files {

/// What is to be stored at a path, after notebooks were told from files.
struct Draft {
  std::string path; ///< where it goes, canonical
  ObjectType type = ObjectType::file;
  std::string language;
  bool is_ipynb = false;
  bool overwrite = false;
  std::string_view bytes;       ///< the content …
  std::filesystem::path source; ///< … or a file that holds it
  std::uint64_t size = 0;
};

/// WorkspaceFiles over SQLite and a folder. Private to this room.
class WorkspaceStore final : public WorkspaceFiles {
 public:
  WorkspaceStore(store::Database& database, const Clock& clock, std::filesystem::path folder)
      : database_(database),
        clock_(clock),
        folder_(std::move(folder)) {}

  Result<void> prepare();

  Result<ObjectInfo> status(std::string_view path) override;
  Result<std::vector<ObjectInfo>> list(std::string_view path) override;
  Result<ObjectInfo> make_directories(std::string_view path) override;
  Result<ObjectInfo> write(std::string_view path, std::string_view content, bool overwrite) override;
  Result<ObjectInfo> write_from(std::string_view path, const std::filesystem::path& source, bool overwrite) override;
  Result<ObjectInfo> import(std::string_view path, std::string_view content, const ImportOptions& options) override;
  Result<std::string> read(std::string_view path) override;
  Result<Content> content(std::string_view path) override;
  Result<void> remove(std::string_view path, bool recursive) override;
  Result<ObjectInfo> by_id(std::int64_t object_id) override;
  Result<std::vector<ObjectInfo>> chain(std::string_view path) override;
  Result<void> materialize(std::string_view path, const std::filesystem::path& to) override;

  void on_removed(std::function<Result<void>(const std::vector<ObjectInfo>&)> listener) override {
    removed_ = std::move(listener);
  }

 private:
  struct Stored;
  Result<std::optional<Stored>> find(const std::string& path);
  Result<std::vector<Stored>> below(const std::string& path);
  Result<Draft> draft_of(std::string_view path, std::string_view head);
  Result<ObjectInfo> store(Draft draft);
  Result<ObjectInfo> store_row(const Draft& draft, const std::string& content_file);
  Result<ObjectInfo> insert_object(const Draft& draft, const std::string& content_file);
  Result<ObjectInfo> insert_directory(const std::string& path);
  Result<std::string> place_content(const Draft& draft);
  Result<void> materialize_one(const Stored& stored, const std::string& root, const std::filesystem::path& to);
  void remove_content_file(const std::string& name);

  [[nodiscard]] std::int64_t now_millis() const { return to_epoch_millis(clock_.now()); }

  store::Database& database_;
  const Clock& clock_;
  std::filesystem::path folder_;
  std::function<Result<void>(const std::vector<ObjectInfo>&)> removed_;
};

/// An object with where its content is.
struct WorkspaceStore::Stored {
  ObjectInfo info;
  std::string content_file; ///< name below the folder; empty: in the database
};

/// Columns of an object, the ninth (8) is the content file, further ones follow. `tail`: after FROM files_objects.
std::string select_objects(std::string_view tail, std::string_view more_columns = {});
ObjectInfo info_of(const store::Row& row);
Error missing_path(std::string_view path);

} // namespace pier::files
