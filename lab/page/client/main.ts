import type { PageView } from '../view.ts';

new EventSource('/api/view').onmessage = ({ data }: MessageEvent<string>) => {
  const view = JSON.parse(data) as PageView;
  document.body.textContent = view.guild;
};
