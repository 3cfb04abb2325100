#include "core/base/shared_library.hpp"

#include <dlfcn.h>

namespace pier {

Result<SharedLibrary> SharedLibrary::load(const std::vector<std::string>& names, std::string_view hint) {
  for (const auto& name : names) {
    if (void* handle = ::dlopen(name.c_str(), RTLD_LAZY | RTLD_LOCAL); handle != nullptr) {
      return SharedLibrary(handle);
    }
  }
  return Error{.kind = ErrorKind::unavailable,
               .code = "PIER0109",
               .message = "cannot load " + (names.empty() ? std::string("a library") : names.front()),
               .hint = std::string(hint)};
}

void* SharedLibrary::symbol(const char* name) const {
  return ::dlsym(handle_, name);
}

} // namespace pier
