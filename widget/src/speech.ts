/** Reading aloud needs a Chinese voice, and browsers tell of their voices late: `onReady` comes when there is one. */
export function whenReadable(onReady: () => void): void {
  const speech = window.speechSynthesis;
  if (!speech || !window.SpeechSynthesisUtterance) return;
  const look = (): void => {
    if (chineseVoice()) onReady();
  };
  look();
  if (speech.addEventListener) speech.addEventListener("voiceschanged", look);
  else speech.onvoiceschanged = look;
}

/** Read a text; `onEnd` comes when it is read, stopped, or cannot be read. */
export function readAloud(text: string, onEnd: () => void): void {
  stopReading();
  const utterance = new SpeechSynthesisUtterance(text);
  utterance.lang = "zh-CN";
  utterance.voice = chineseVoice();
  utterance.rate = 0.9;
  utterance.onend = utterance.onerror = onEnd;
  window.speechSynthesis.speak(utterance);
}

/** Harmless where nothing is read or nothing can read. */
export function stopReading(): void {
  if (window.speechSynthesis) window.speechSynthesis.cancel();
}

function chineseVoice(): SpeechSynthesisVoice | null {
  const voices = window.speechSynthesis.getVoices().filter((voice) => /^(zh|cmn)/i.test(voice.lang));
  return voices.filter((voice) => /CN|Hans/i.test(voice.lang))[0] || voices[0] || null;
}
