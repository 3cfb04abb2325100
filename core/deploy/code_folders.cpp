#include "core/deploy/code_folders.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/base/json.hpp"
#include "core/deploy/field_path.hpp"
#include "core/deploy/gzip.hpp"
#include "core/deploy/tar_archive.hpp"

#include <algorithm>

#include <sys/stat.h>

namespace pier::deploy {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t k_max_file = 500ULL * 1024 * 1024;
constexpr std::size_t k_digits = 16; // of the digest in a name

std::string in_quotes(std::string_view text) {
  return Json(std::string(text)).dump();
}

/// "src/": what files below a folder of the sync root start with; empty for the root itself.
std::string prefix_of(const std::string& folder) {
  return folder == "." ? std::string() : folder + "/";
}

/// What a deploy would upload of one folder. sync.include reaches beyond it.
Result<std::vector<LocalFile>> files_below(const model::Bundle& bundle, const std::string& folder,
                                           const fs::path& excludes_file) {
  auto settings = bundle.sync;
  settings.paths = {folder};
  PIER_TRY_ASSIGN(auto files, list_files(settings, excludes_file));
  std::erase_if(files, [&](const auto& file) { return !file.path.starts_with(prefix_of(folder)); });
  return files;
}

bool is_executable(const fs::path& file) {
  struct stat info{};
  return ::stat(file.c_str(), &info) == 0 && (info.st_mode & S_IXUSR) != 0;
}

/// Files of the folder `prefix` as those of a folder `name`.
Result<std::string> pack(const std::vector<LocalFile>& files, const std::string& prefix, const std::string& name) {
  Gzip packed;
  TarArchive archive([&](std::string_view piece) { packed.write(piece); });
  for (const auto& file : files) {
    if (fs::path(file.path).filename().string().starts_with("._")) {
      continue; // what macOS keeps beside a file
    }
    PIER_TRY_ASSIGN(const auto content, read_file(file.source, k_max_file));
    archive.add(name + "/" + file.path.substr(prefix.size()), content, is_executable(file.source));
  }
  archive.finish();
  return std::move(packed).finish();
}

Result<LocalFile> pack_folder(const model::Bundle& bundle, const std::string& source, const fs::path& excludes_file) {
  const auto root = bundle.sync.sync_root.lexically_normal();
  const auto target = (root / source / ".").lexically_normal().parent_path(); // without a trailing slash
  const auto folder = target.lexically_relative(root).generic_string();
  PIER_TRY_ASSIGN(const auto files, files_below(bundle, folder, excludes_file));
  if (files.empty()) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "PIER2072",
                 .message = "code_source_path " + in_quotes(source) +
                            " has no files to package (all excluded by .gitignore or sync.exclude, or the directory is "
                            "empty)"};
  }
  const auto name = target.filename().string();
  PIER_TRY_ASSIGN(auto archive, pack(files, prefix_of(folder), name));
  const auto digest = hex_encode(sha256(archive)).substr(0, k_digits);
  LocalFile file;
  file.path = std::string(model::k_code_folder) + "/" + name + "_" + digest + ".tar.gz";
  file.modified = k_no_time;
  file.size = archive.size();
  file.content = std::make_shared<const std::string>(std::move(archive));
  return file;
}

void point_to(model::Bundle& bundle, const model::LocalLibrary& source, const std::string& remote) {
  if (const auto node = bundle.graph.nodes.find(source.resource); node != bundle.graph.nodes.end()) {
    FieldPath::parse(source.field).set_in(node->second.config, remote);
  }
  std::erase_if(bundle.libraries, [&](const auto& library) {
    return library.resource == source.resource && library.field == source.field;
  });
}

} // namespace

Result<std::vector<LocalFile>> pack_code_folders(model::Bundle& bundle, const fs::path& excludes_file) {
  std::vector<LocalFile> archives;
  for (const auto& source : bundle.code_sources) {
    std::error_code ignored;
    if (!fs::is_directory(bundle.sync.sync_root / source.source, ignored)) {
      continue;
    }
    PIER_TRY_ASSIGN(auto archive, pack_folder(bundle, source.source, excludes_file));
    point_to(bundle, source, bundle.paths.file_path + "/" + archive.path);
    const bool known =
        std::any_of(archives.begin(), archives.end(), [&](const auto& file) { return file.path == archive.path; });
    if (!known) {
      archives.push_back(std::move(archive));
    }
  }
  return archives;
}

void add_archives(std::vector<LocalFile>& files, const std::vector<LocalFile>& archives) {
  files.insert(files.end(), archives.begin(), archives.end());
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
}

} // namespace pier::deploy
