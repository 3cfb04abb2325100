#include "core/git/repository.hpp"

#include "core/base/shared_library.hpp"

#include <git2.h>

#include <memory>

namespace pier::git {
namespace {

/// The functions of libgit2 that this room uses, resolved on first use.
struct Api {
  decltype(git_libgit2_init)* init = nullptr;
  decltype(git_libgit2_opts)* opts = nullptr;
  decltype(git_error_last)* last_error = nullptr;
  decltype(git_repository_open_ext)* open = nullptr;
  decltype(git_repository_free)* free_repository = nullptr;
  decltype(git_repository_workdir)* workdir = nullptr;
  decltype(git_repository_head)* head = nullptr;
  decltype(git_repository_head_detached)* head_detached = nullptr;
  decltype(git_reference_lookup)* lookup_reference = nullptr;
  decltype(git_reference_symbolic_target)* symbolic_target = nullptr;
  decltype(git_reference_target)* target = nullptr;
  decltype(git_reference_free)* free_reference = nullptr;
  decltype(git_oid_tostr)* oid_to_string = nullptr;
  decltype(git_remote_lookup)* lookup_remote = nullptr;
  decltype(git_remote_url)* remote_url = nullptr;
  decltype(git_remote_free)* free_remote = nullptr;
  decltype(git_status_options_init)* status_options = nullptr;
  decltype(git_status_list_new)* status_list = nullptr;
  decltype(git_status_list_entrycount)* status_count = nullptr;
  decltype(git_status_list_free)* free_status_list = nullptr;
  decltype(git_clone_options_init)* clone_options = nullptr;
  decltype(git_clone)* clone = nullptr;
};

template <class Function> bool resolve(const SharedLibrary& library, const char* name, Function*& slot) {
  slot = library.function<Function>(name);
  return slot != nullptr;
}

Result<Api> load_api() {
  // The layout of option structs belongs to the version of the headers, so that very version is loaded.
  PIER_TRY_ASSIGN(const auto library,
                  SharedLibrary::load({"libgit2.so." LIBGIT2_SOVERSION}, "install it: apt-get install libgit2-1.5"));
  Api api;
  const bool complete =
      resolve(library, "git_libgit2_init", api.init) && resolve(library, "git_libgit2_opts", api.opts) &&
      resolve(library, "git_error_last", api.last_error) && resolve(library, "git_repository_open_ext", api.open) &&
      resolve(library, "git_repository_free", api.free_repository) &&
      resolve(library, "git_repository_workdir", api.workdir) && resolve(library, "git_repository_head", api.head) &&
      resolve(library, "git_repository_head_detached", api.head_detached) &&
      resolve(library, "git_reference_lookup", api.lookup_reference) &&
      resolve(library, "git_reference_symbolic_target", api.symbolic_target) &&
      resolve(library, "git_reference_target", api.target) &&
      resolve(library, "git_reference_free", api.free_reference) &&
      resolve(library, "git_oid_tostr", api.oid_to_string) &&
      resolve(library, "git_remote_lookup", api.lookup_remote) && resolve(library, "git_remote_url", api.remote_url) &&
      resolve(library, "git_remote_free", api.free_remote) &&
      resolve(library, "git_status_options_init", api.status_options) &&
      resolve(library, "git_status_list_new", api.status_list) &&
      resolve(library, "git_status_list_entrycount", api.status_count) &&
      resolve(library, "git_status_list_free", api.free_status_list) &&
      resolve(library, "git_clone_options_init", api.clone_options) && resolve(library, "git_clone", api.clone);
  if (!complete) {
    return Error{.kind = ErrorKind::unavailable,
                 .code = "PIER0401",
                 .message = "libgit2 lacks a function that pier needs",
                 .hint = "reinstall it: apt-get install --reinstall libgit2-1.5"};
  }
  api.init();
  // Reading never runs anything of the repository, so a checkout owned by somebody else is fine to read.
  api.opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  return api;
}

const Result<Api>& shared_api() {
  static const Result<Api> api = load_api();
  return api;
}

template <class Handle, class Free> auto own(Handle* handle, Free* free_handle) {
  return std::unique_ptr<Handle, Free*>(handle, free_handle);
}

std::string last_message(const Api& api) {
  const auto* error = api.last_error();
  return error != nullptr && error->message != nullptr ? error->message : "unknown error";
}

void read_head(const Api& api, git_repository* repository, RepositoryState& state) {
  git_reference* raw = nullptr;
  if (api.lookup_reference(&raw, repository, "HEAD") == 0) {
    const auto head = own(raw, api.free_reference);
    const char* target = api.symbolic_target(head.get());
    constexpr std::string_view prefix = "refs/heads/";
    if (target != nullptr && std::string_view(target).starts_with(prefix)) {
      state.branch = std::string_view(target).substr(prefix.size());
    }
  }
  git_reference* resolved = nullptr;
  if (api.head(&resolved, repository) == 0) {
    const auto head = own(resolved, api.free_reference);
    if (const git_oid* id = api.target(head.get()); id != nullptr) {
      char text[GIT_OID_HEXSZ + 1] = {};
      state.commit = api.oid_to_string(text, sizeof text, id);
    }
  }
}

void read_origin(const Api& api, git_repository* repository, RepositoryState& state) {
  git_remote* raw = nullptr;
  if (api.lookup_remote(&raw, repository, "origin") == 0) {
    const auto remote = own(raw, api.free_remote);
    if (const char* url = api.remote_url(remote.get()); url != nullptr) {
      state.origin_url = without_credentials(url);
    }
  }
}

bool is_dirty(const Api& api, git_repository* repository) {
  git_status_options options;
  api.status_options(&options, GIT_STATUS_OPTIONS_VERSION);
  options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
  options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_EXCLUDE_SUBMODULES;
  git_status_list* raw = nullptr;
  if (api.status_list(&raw, repository, &options) != 0) {
    return false;
  }
  const auto list = own(raw, api.free_status_list);
  return api.status_count(list.get()) > 0;
}

} // namespace

Result<std::optional<RepositoryState>> read_repository(const std::filesystem::path& path, ReadOptions options) {
  PIER_TRY_ASSIGN(const Api api, Result<Api>(shared_api()));
  git_repository* raw = nullptr;
  const int code = api.open(&raw, path.c_str(), 0, nullptr);
  if (code == GIT_ENOTFOUND) {
    return std::optional<RepositoryState>();
  }
  if (code != 0) {
    return Error{.kind = ErrorKind::io,
                 .code = "PIER0403",
                 .message = "cannot read the git repository at " + path.string() + ": " + last_message(api)};
  }
  const auto repository = own(raw, api.free_repository);
  RepositoryState state;
  if (const char* workdir = api.workdir(repository.get()); workdir != nullptr) {
    state.root = std::filesystem::path(workdir).lexically_normal();
    if (!state.root.has_filename()) {
      state.root = state.root.parent_path();
    }
  }
  read_head(api, repository.get(), state);
  read_origin(api, repository.get(), state);
  state.dirty = options.with_dirty && !state.root.empty() && is_dirty(api, repository.get());
  return std::optional<RepositoryState>(std::move(state));
}

Result<void> clone_repository(const std::string& url, const std::filesystem::path& into, const CloneOptions& options) {
  PIER_TRY_ASSIGN(const Api api, Result<Api>(shared_api()));
  git_clone_options settings;
  api.clone_options(&settings, GIT_CLONE_OPTIONS_VERSION);
  if (!options.branch.empty()) {
    settings.checkout_branch = options.branch.c_str();
  }
  git_repository* raw = nullptr;
  if (api.clone(&raw, url.c_str(), into.c_str(), &settings) != 0) {
    return Error{.kind = ErrorKind::unavailable,
                 .code = "PIER0402",
                 .message = "cannot clone " + without_credentials(url) + ": " + last_message(api),
                 .hint = "check the address and that you may read it"};
  }
  api.free_repository(raw);
  return {};
}

std::string without_credentials(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) {
    return std::string(url);
  }
  const auto begin = scheme + 3;
  const auto host = url.substr(begin, url.find('/', begin) - begin);
  const auto at = host.rfind('@');
  if (at == std::string_view::npos) {
    return std::string(url);
  }
  return std::string(url.substr(0, begin)) + std::string(url.substr(begin + at + 1));
}

} // namespace pier::git
