#include "bundles/generate/resource_config.hpp"
#include "core/base/utf8.hpp"

#include <clocale>
#include <cwctype>
#include <memory>
#include <type_traits>

namespace pier::bundles {
namespace {

struct FreeLocale {
  void operator()(locale_t locale) const { ::freelocale(locale); }
};

/// Letters of all scripts, whatever the language of the user is.
class Letters {
 public:
  [[nodiscard]] bool has(wint_t c) const {
    const bool ascii = (c >= L'a' && c <= L'z') || (c >= L'A' && c <= L'Z') || (c >= L'0' && c <= L'9');
    return ascii || (locale_ != nullptr && ::iswalnum_l(c, locale_.get()) != 0);
  }

  [[nodiscard]] wint_t lower(wint_t c) const {
    if (c >= L'A' && c <= L'Z') {
      return c - L'A' + L'a';
    }
    return locale_ == nullptr ? c : ::towlower_l(c, locale_.get());
  }

 private:
  std::unique_ptr<std::remove_pointer_t<locale_t>, FreeLocale> locale_{::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)};
};

} // namespace

std::string key_of_name(std::string_view name) {
  const Letters letters;
  std::string key;
  for (std::size_t at = 0; at < name.size();) {
    const auto [code, size] = code_point_at(name, at);
    at += size;
    if (letters.has(code)) {
      append_utf8(key, letters.lower(code));
    } else if (!key.empty() && key.back() != '_') {
      key += '_';
    }
  }
  if (key.ends_with('_')) {
    key.pop_back();
  }
  return key;
}

} // namespace pier::bundles
