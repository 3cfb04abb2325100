#include "core/lake/lake_core.hpp"

#include "core/base/files.hpp"
#include "core/base/process.hpp"

#include <algorithm>

namespace pier::lake {
namespace {

bool is_below(const std::filesystem::path& path, const std::filesystem::path& folder) {
  const auto [end, ignored] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end() || (std::next(end) == folder.end() && end->empty());
}

} // namespace

EngineSlot::EngineSlot(const LakeOptions& options) {
  options_ = EngineOptions{.library = options.library.empty() ? default_engine_library() : options.library,
                           .threads = options.threads,
                           .memory_limit = options.memory_limit,
                           .temp_folder = options.root / "tmp",
                           .allowed_directories = {options.root, options.volumes_root}};
}

Result<std::shared_ptr<Engine>> EngineSlot::get(const std::vector<std::filesystem::path>& folders) {
  const std::scoped_lock lock(mutex_);
  for (const auto& folder : folders) {
    auto& allowed = options_.allowed_directories;
    if (std::none_of(allowed.begin(), allowed.end(), [&](const auto& known) { return is_below(folder, known); })) {
      allowed.push_back(folder);
      engine_ = nullptr;
    }
  }
  if (engine_ == nullptr) {
    PIER_TRY(make_directories(options_.temp_folder, 0700));
    PIER_TRY_ASSIGN(auto fresh, Engine::open(options_));
    engine_ = std::move(fresh);
  }
  return engine_;
}

void EngineSlot::discard() {
  const std::scoped_lock lock(mutex_);
  engine_ = nullptr;
}

bool LakeCore::is_internal(const std::filesystem::path& path) const {
  return is_below(path, options.root) || is_below(path, options.volumes_root);
}

Result<std::shared_ptr<Engine>> LakeCore::engine_for(const std::filesystem::path& folder) {
  return is_internal(folder) ? engines.get() : engines.get({folder});
}

std::vector<catalog::ColumnInfo> catalog_columns(const std::vector<Field>& fields,
                                                 const std::vector<std::string>& partition_columns) {
  std::vector<catalog::ColumnInfo> out;
  for (const auto& field : fields) {
    catalog::ColumnInfo column{.name = field.name,
                               .type_text = field.type.to_catalog(),
                               .type_name = field.type.type_name(),
                               .type_json = field.type.to_json(),
                               .nullable = field.nullable,
                               .comment = field.comment};
    const auto found = std::find(partition_columns.begin(), partition_columns.end(), field.name);
    if (found != partition_columns.end()) {
      column.partition_index = found - partition_columns.begin();
    }
    out.push_back(std::move(column));
  }
  return out;
}

std::filesystem::path default_engine_library() {
  return executable_path().parent_path().parent_path() / "lib" / "libduckdb.so";
}

} // namespace pier::lake
