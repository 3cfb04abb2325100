#include "core/apps/gateway/pages.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace pier::apps {
namespace {

constexpr std::string_view k_style =
    "<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:12vh auto;"
    "padding:0 1.5rem}h1{font-size:1.5rem;font-weight:600;margin:0 0 .5rem}pre{background:#8881;border:1px solid #8883;"
    "border-radius:8px;padding:.75rem 1rem;overflow:auto;font:13px/1.5 ui-monospace,monospace;white-space:pre-wrap}"
    "small{opacity:.6}</style>";

std::string head(std::string_view title, std::string_view extra = {}) {
  std::string out = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
                    "<meta name=\"viewport\" content=\"width=device-width\">";
  out.append(extra).append("<title>").append(html_escape(title)).append("</title>").append(k_style);
  return out + "</head><body>";
}

} // namespace

std::string html_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
    case '&': out += "&amp;"; break;
    case '<': out += "&lt;"; break;
    case '>': out += "&gt;"; break;
    case '"': out += "&quot;"; break;
    case '\'': out += "&#39;"; break;
    default: out += c;
    }
  }
  return out;
}

std::string to_html(const GatewayPage& page) {
  const auto refresh = page.refresh_seconds == 0
                           ? std::string()
                           : "<meta http-equiv=\"refresh\" content=\"" + std::to_string(page.refresh_seconds) + "\">";
  std::string out = head(page.title, refresh);
  out += "<h1>" + html_escape(page.title) + "</h1><p>" + html_escape(page.message) + "</p>";
  if (!page.command.empty()) {
    out += "<pre>" + html_escape(page.command) + "</pre>";
  }
  if (!page.lines.empty()) {
    out += "<p><small>the end of its log</small></p><pre>" + html_escape(join(page.lines, "\n")) + "</pre>";
  }
  return out + "<p><small>pier · " + html_escape(page.code) + "</small></p></body></html>";
}

std::string to_json(const GatewayPage& page) {
  auto json = Json::object({{"error_code", page.code}, {"message", page.title + ": " + page.message}});
  if (!page.command.empty()) {
    json["hint"] = page.command;
  }
  if (!page.lines.empty()) {
    json["log"] = Json::strings(page.lines);
  }
  return json.dump();
}

std::string logs_html(std::string_view app) {
  std::string out = head("logs of " + std::string(app));
  out += "<h1>" + html_escape(app) + "</h1><pre id=\"log\"></pre>";
  out += "<script>const p=document.getElementById('log');"
         "const s=new WebSocket(location.href.replace(/^http/,'ws').replace(/\\/logz.*/,'/logz/stream'));"
         "s.onopen=()=>s.send('');s.onmessage=e=>{if(e.data.length<2)return;const l=JSON.parse(e.data);"
         "p.append('['+l.source+'] '+l.message+'\\n');scrollTo(0,document.body.scrollHeight)}</script></body></html>";
  return out;
}

} // namespace pier::apps
