#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pier::apps {

/// A page of the gateway's own: what is the matter with an app, and what to do. One content, two forms.
struct GatewayPage {
  int status = 502;
  std::string code;               ///< "APP_CRASHED"; error_code of the JSON form
  std::string title;              ///< "shop has crashed"
  std::string message;            ///< one or two sentences
  std::string command;            ///< what to type, shown as code; may be empty
  std::vector<std::string> lines; ///< the end of a log
  unsigned refresh_seconds = 0;   ///< the HTML form loads itself again; also sent as Retry-After
};

std::string html_escape(std::string_view text);
std::string to_html(const GatewayPage& page);
std::string to_json(const GatewayPage& page); ///< {"error_code","message",…}

/// Page of /logz: a script that shows and follows /logz/stream.
std::string logs_html(std::string_view app);

} // namespace pier::apps
