#include "cli/bundle/generate/one_file.hpp"

#include "cli/console.hpp"
#include "core/base/text.hpp"

namespace pier::cli {

namespace fs = std::filesystem;

OneFile::OneFile(Generation& generation, std::string sort)
    : generation_(generation),
      sort_(std::move(sort)),
      config_dir_(generation.arguments().get("config-dir", "resources")) {}

fs::path OneFile::source_dir(std::string_view fallback) const {
  return generation_.arguments().get("source-dir", fallback);
}

std::string OneFile::name(const std::string& key) const {
  return clean_path(config_dir_ / (key + "." + sort_ + ".yml"));
}

Result<void> OneFile::take_over_old(const std::string& key) const {
  const auto old = clean_path(config_dir_ / (key + ".yml"));
  const auto& cwd = generation_.context().cwd;
  std::error_code error;
  fs::rename(cwd / old, cwd / name(key), error);
  if (error && error != std::errc::no_such_file_or_directory) {
    return Error{.kind = ErrorKind::io,
                 .code = "PIER0025",
                 .message = "failed to rename file " + old +
                            ". DABs uses the resource type as a sub-extension for generated content, please rename it "
                            "to " +
                            name(key) + ", err: " + error.message()};
  }
  return {};
}

Result<void> OneFile::write(const bundles::GeneratedResource& resource, const std::string& key) const {
  PIER_TRY(generation_.write_config(resource, key, name(key), name(key)));
  const auto title = to_upper(sort_.substr(0, 1)) + sort_.substr(1);
  generation_.context().console.status(title + " configuration successfully saved to " + name(key));
  return {};
}

Result<Report> OneFile::finish(const std::string& key, const std::string& id) const {
  generation_.warn_if_not_included(name(key));
  if (generation_.arguments().has("bind")) {
    PIER_TRY_ASSIGN(const bool bound, generation_.bind(key, id));
    if (!bound) {
      return Report{.exit_code = ExitCode::failed};
    }
  }
  return generation_.flow().end();
}

} // namespace pier::cli
