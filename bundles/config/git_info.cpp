#include "bundles/config/git_info.hpp"

#include "core/base/files.hpp"
#include "core/base/text.hpp"

#include <system_error>

namespace pier::bundles {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t k_max_git_file = 16ULL * 1024 * 1024;

std::string first_line(const fs::path& path) {
  const auto text = read_file(path, k_max_git_file);
  if (!text) {
    return {};
  }
  return std::string(trim(text->substr(0, text->find('\n'))));
}

/// The folder with HEAD: `.git` itself, or where the file `.git` of a worktree points to.
fs::path git_folder(const fs::path& dot_git) {
  std::error_code code;
  if (fs::is_directory(dot_git, code)) {
    return dot_git;
  }
  const auto line = first_line(dot_git);
  constexpr std::string_view k_prefix = "gitdir: ";
  return line.starts_with(k_prefix) ? (dot_git.parent_path() / line.substr(k_prefix.size())).lexically_normal()
                                    : fs::path();
}

std::string commit_of(const fs::path& git, const fs::path& common, const std::string& reference) {
  for (const auto& folder : {git, common}) {
    if (auto commit = first_line(folder / reference); !commit.empty()) {
      return commit;
    }
  }
  const auto packed = read_file(common / "packed-refs", k_max_git_file);
  if (packed) {
    for (const auto& line : split(*packed, '\n')) {
      if (line.ends_with(" " + reference)) {
        return line.substr(0, line.find(' '));
      }
    }
  }
  return {};
}

/// `url` of `[remote "origin"]`.
std::string origin_url(const fs::path& common) {
  const auto text = read_file(common / "config", k_max_git_file);
  if (!text) {
    return {};
  }
  bool inside = false;
  for (const auto& line : split(*text, '\n')) {
    const auto trimmed = trim(line);
    if (trimmed.starts_with('[')) {
      inside = trimmed == "[remote \"origin\"]";
    } else if (inside && trimmed.starts_with("url")) {
      if (const auto equals = trimmed.find('='); equals != std::string_view::npos) {
        return std::string(trim(trimmed.substr(equals + 1)));
      }
    }
  }
  return {};
}

/// "https://me:secret@host/x" → "https://host/x"
std::string without_credentials(const std::string& url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) {
    return url;
  }
  const auto host = scheme + 3;
  const auto at = url.substr(0, url.find('/', host)).rfind('@');
  return at == std::string::npos || at < host ? url : url.substr(0, host) + url.substr(at + 1);
}

} // namespace

std::optional<GitInfo> read_git_info(const fs::path& folder) {
  std::error_code code;
  fs::path worktree = folder;
  while (!fs::exists(worktree / ".git", code)) {
    if (worktree == worktree.parent_path()) {
      return std::nullopt;
    }
    worktree = worktree.parent_path();
  }
  const auto git = git_folder(worktree / ".git");
  if (git.empty()) {
    return GitInfo{.worktree = worktree, .broken = true};
  }
  const auto common_line = first_line(git / "commondir");
  const auto common = common_line.empty() ? git : (git / common_line).lexically_normal();
  GitInfo info;
  info.worktree = worktree;
  const auto head = first_line(git / "HEAD");
  constexpr std::string_view k_reference = "ref: ";
  constexpr std::string_view k_heads = "refs/heads/";
  if (head.starts_with(k_reference)) {
    const auto reference = head.substr(k_reference.size());
    info.branch = reference.starts_with(k_heads) ? reference.substr(k_heads.size()) : reference;
    info.commit = commit_of(git, common, reference);
  } else {
    info.commit = head;
  }
  info.origin_url = without_credentials(origin_url(common));
  return info;
}

} // namespace pier::bundles
