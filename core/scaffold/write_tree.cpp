#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/scaffold/renderer.hpp"

#include <set>
#include <system_error>

namespace pier::scaffold {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t k_max_named = 20;

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::symlink_status(path, error).type() != fs::file_type::not_found;
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

Result<void> check_conflicts(const RenderedTree& tree, const fs::path& output) {
  auto names = files_in_the_way(tree, output);
  if (names.empty()) {
    return {};
  }
  const auto total = names.size();
  if (total > k_max_named) {
    names.resize(k_max_named);
    names.push_back("and " + std::to_string(total - k_max_named) + " more");
  }
  return Error{.kind = ErrorKind::already_exists,
               .code = "PIER5010",
               .message = "nothing is written, as " +
                          std::string(total == 1 ? "this file exists" : "these files exist") +
                          " already: " + join(names, ", "),
               .hint = "choose another name or --output-dir, or remove them"};
}

Result<void> stage(const RenderedTree& tree, const fs::path& staging) {
  for (const auto& folder : tree.folders) {
    PIER_TRY(make_directories(staging / folder));
  }
  for (const auto& file : tree.files) {
    const auto path = staging / file.path;
    PIER_TRY(make_directories(path.parent_path()));
    PIER_TRY(write_file_atomically(path, file.content, Durability::none, file.executable ? 0755 : 0644)
                 .context("writing " + file.path));
  }
  return {};
}

/// Moves the staged tree to its place, and back out again when a step fails.
class Mover {
 public:
  Result<void> move(const fs::path& from, const fs::path& to) {
    if (is_folder(from) && is_folder(to)) {
      std::error_code error;
      for (fs::directory_iterator at(from, error), end; !error && at != end; at.increment(error)) {
        PIER_TRY(move(at->path(), to / at->path().filename()));
      }
      return {};
    }
    if (is_there(to)) {
      return Error{.kind = ErrorKind::already_exists,
                   .code = "PIER5010",
                   .message = "nothing is written, as " + to.string() + " appeared meanwhile"};
    }
    std::error_code error;
    fs::rename(from, to, error);
    if (error) {
      return error_from_errno(error.value(), "writing " + to.string());
    }
    moved_.push_back(to);
    return {};
  }

  void undo() {
    for (const auto& path : moved_) {
      (void)remove_tree(path); // what pier itself has just put there
    }
  }

 private:
  std::vector<fs::path> moved_;
};

} // namespace

std::vector<std::string> files_in_the_way(const RenderedTree& tree, const fs::path& output) {
  std::set<std::string> taken;
  for (const auto& file : tree.files) {
    if (is_there(output / file.path)) {
      taken.insert(file.path);
    }
    for (auto parent = fs::path(file.path).parent_path(); !parent.empty(); parent = parent.parent_path()) {
      if (is_there(output / parent) && !is_folder(output / parent)) {
        taken.insert(parent.generic_string());
      }
    }
  }
  return {taken.begin(), taken.end()};
}

Result<void> write_tree(const RenderedTree& tree, const fs::path& output) {
  PIER_TRY(check_conflicts(tree, output));
  const bool made_output = !is_there(output);
  PIER_TRY(make_directories(output));
  const auto staging =
      output / (".pier-init-" + std::to_string(std::hash<std::string>{}(fs::absolute(output).string())));
  PIER_TRY(remove_tree(staging)); // of an init that was killed
  auto result = stage(tree, staging);
  if (result) {
    Mover mover;
    result = mover.move(staging, output);
    if (!result) {
      mover.undo();
    }
  }
  (void)remove_tree(staging);
  if (!result && made_output) {
    std::error_code ignored;
    fs::remove(output, ignored);
  }
  return result;
}

} // namespace pier::scaffold
