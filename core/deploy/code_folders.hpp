#pragma once

#include "core/base/result.hpp"
#include "core/deploy/file_set.hpp"
#include "core/model/bundle.hpp"

#include <filesystem>
#include <vector>

namespace pier::deploy {

/// Packs the folders that AI runtime tasks name as their code, of each the files that a deploy would upload, and points
/// the tasks to where the archives will be: `<file_path>/.air_snapshots/<folder>_<digest>.tar.gz`. Returns the
/// archives as files of the bundle; nothing is written here. Error PIER2072 for a folder without such files.
Result<std::vector<LocalFile>> pack_code_folders(model::Bundle& bundle, const std::filesystem::path& excludes_file);

/// Puts archives among the files of a bundle, in order.
void add_archives(std::vector<LocalFile>& files, const std::vector<LocalFile>& archives);

} // namespace pier::deploy
