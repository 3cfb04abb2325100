#include "core/git/worktree_ignore.hpp"

#include "core/base/files.hpp"
#include "core/base/text.hpp"

namespace pier::git {
namespace {

constexpr std::uint64_t k_max_list = 1024 * 1024;

void add_file(IgnorePatterns& patterns, const std::filesystem::path& file) {
  if (const auto text = read_file(file, k_max_list)) {
    for (const auto& line : split(*text, '\n')) {
      patterns.add_line(line);
    }
  }
}

/// Value of `key` in section [core] of a git configuration file.
std::string core_setting(const std::filesystem::path& file, std::string_view key) {
  const auto text = read_file(file, k_max_list);
  if (!text) {
    return {};
  }
  bool in_core = false;
  std::string value;
  for (const auto& line : split(*text, '\n')) {
    const auto trimmed = trim(line);
    if (!trimmed.empty() && trimmed.front() == '[') {
      in_core = equals_ignore_case(trimmed, "[core]");
      continue;
    }
    const auto equals = trimmed.find('=');
    if (in_core && equals != std::string_view::npos && equals_ignore_case(trim(trimmed.substr(0, equals)), key)) {
      value = std::string(trim(trimmed.substr(equals + 1)));
    }
  }
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  return value;
}

} // namespace

std::filesystem::path find_worktree_root(const std::filesystem::path& start) {
  std::error_code error;
  for (auto folder = std::filesystem::absolute(start, error).lexically_normal();; folder = folder.parent_path()) {
    if (std::filesystem::exists(folder / ".git", error)) {
      return folder;
    }
    if (folder == folder.parent_path()) {
      return {};
    }
  }
}

WorktreeIgnore::WorktreeIgnore(const std::filesystem::path& root, const std::filesystem::path& excludes_file) {
  std::error_code error;
  const auto walked = std::filesystem::absolute(root, error).lexically_normal();
  top_ = find_worktree_root(walked);
  if (top_.empty()) {
    top_ = walked;
  } else if (const auto below = walked.lexically_relative(top_).generic_string(); below != ".") {
    prefix_ = below.ends_with('/') ? below : below + "/";
  }
  everywhere_.add_line(".git");
  everywhere_.add_line(".databricks");
  add_file(everywhere_, top_ / ".git" / "info" / "exclude");
  if (!excludes_file.empty()) {
    add_file(everywhere_, excludes_file);
  }
}

const IgnorePatterns& WorktreeIgnore::patterns_of(const std::string& directory) {
  const auto it = by_directory_.find(directory);
  if (it != by_directory_.end()) {
    return it->second;
  }
  IgnorePatterns patterns;
  add_file(patterns, top_ / directory / ".gitignore");
  return by_directory_.emplace(directory, std::move(patterns)).first->second;
}

bool WorktreeIgnore::ignores(std::string_view path, bool is_directory) {
  if (path.empty() || path == ".") {
    return false;
  }
  const std::string full = prefix_ + std::string(path);
  if (everywhere_.matches(full, is_directory)) {
    return true;
  }
  for (std::size_t begin = 0;;) {
    const auto directory = full.substr(0, begin == 0 ? 0 : begin - 1);
    if (patterns_of(directory).matches(std::string_view(full).substr(begin), is_directory)) {
      return true;
    }
    const auto slash = full.find('/', begin);
    if (slash == std::string::npos) {
      return false;
    }
    begin = slash + 1;
  }
}

std::filesystem::path user_excludes_file(const Environment& env) {
  const std::filesystem::path home = env.get("HOME").value_or("/");
  const std::filesystem::path config = env.get("XDG_CONFIG_HOME").value_or((home / ".config").string());
  for (const auto& file : {home / ".gitconfig", config / "git" / "config"}) {
    if (auto value = core_setting(file, "excludesFile"); !value.empty()) {
      return value.starts_with("~/") ? home / value.substr(2) : std::filesystem::path(value);
    }
  }
  return config / "git" / "ignore";
}

} // namespace pier::git
