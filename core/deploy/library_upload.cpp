#include "core/base/files.hpp"
#include "core/deploy/experiments.hpp"
#include "core/deploy/file_sync.hpp"
#include "core/deploy/libraries.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <map>

namespace pier::deploy {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_uploads = 5; // the Files API takes ten at a time
constexpr std::uint64_t k_max_library = 2ULL * 1024 * 1024 * 1024;

} // namespace

Result<void> upload_libraries(const model::Bundle& bundle, const std::vector<Library>& libraries,
                              workspace_client::RestClient& client, Observer& observer, bool always_clear) {
  if (libraries.empty() && !always_clear) {
    return {};
  }
  const auto folder = bundle.paths.artifact_path + "/.internal";
  const bool volume = folder.starts_with("/Volumes/");
  workspace_client::WorkspaceFiles files(client);
  if (!volume) {
    auto removed = has_experiment(bundle, "skip_artifact_cleanup") ? Result<void>() : files.remove(folder, true);
    if (!removed && removed.error().kind != ErrorKind::not_found) {
      return removed;
    }
    PIER_TRY(files.make_directories(folder));
  }
  std::map<std::string, std::string> remotes; ///< by source
  std::vector<std::string> sources;
  for (const auto& library : libraries) {
    remotes.emplace(library.source, library.remote);
    sources.push_back(library.source);
    const auto shown =
        library.source.lexically_normal().lexically_relative(bundle.sync.sync_root.lexically_normal()).generic_string();
    observer.on_event(Event{.type = Event::Type::phase, .subject = shown, .text = "uploading " + shown});
  }
  return for_each_parallel(k_uploads, sources, [&](const std::string& source) -> Result<void> {
    const auto& target = remotes.at(source);
    if (volume) {
      return workspace_client::VolumeFiles(client).upload(target, source);
    }
    PIER_TRY_ASSIGN(auto content, read_file(source, k_max_library));
    return workspace_client::WorkspaceFiles(client).write(target, std::move(content));
  });
}

} // namespace pier::deploy
