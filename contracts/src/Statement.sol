// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ImageKind} from "./Model.sol";

/// @title The public statement of one proof
/// @notice Checks the shape of `prompt`, `aigcData` and the proof envelope, and derives the circuit's instances from them, as
/// section 5 of book/formats.md fixes it. A caller never hands over field elements, so there is one way only to write a statement.
library Statement {
    /// @dev Bytes per instance: the largest whole number of bytes that is below the field's order whatever the bytes are.
    uint256 internal constant WORD_BYTES = 31;
    /// @dev Instances after the packed bytes: pose, chain id, collection, creator.
    uint256 internal constant CONTEXT_WORDS = 4;
    /// @dev The proof envelope starts with the creator's address.
    uint256 internal constant CREATOR_BYTES = 20;
    uint256 internal constant MAX_POSE = 125;

    /// @dev The top bit of every byte: a latent element and a channel value are in 0..127, so their top bit is 0.
    uint256 private constant TOP_BITS = 0x8080808080808080808080808080808080808080808080808080808080808080;

    /// @notice Why bytes are no statement; `None` when they are one.
    enum Fault {
        None,
        PromptLength,
        AigcDataLength,
        ProofLength,
        LatentRange,
        PoseRange,
        ImageRange
    }

    /// @notice Checks lengths and ranges. A byte of a palette image is two indices in 0..15, so its values need no check.
    /// @param latentLength Length of the latent in bytes; `prompt` has one byte more, the pose.
    /// @param dataLength Length of the image in bytes.
    function check(
        bytes calldata prompt,
        bytes calldata aigcData,
        uint256 latentLength,
        uint256 dataLength,
        ImageKind kind
    ) internal pure returns (Fault) {
        if (prompt.length != latentLength + 1) return Fault.PromptLength;
        if (aigcData.length != dataLength) return Fault.AigcDataLength;
        if (_hasTopBit(prompt[:latentLength])) return Fault.LatentRange;
        if (uint8(prompt[latentLength]) > MAX_POSE) return Fault.PoseRange;
        if (kind == ImageKind.Rgb && _hasTopBit(aigcData)) return Fault.ImageRange;
        return Fault.None;
    }

    /// @notice Splits the envelope. `proof` must have more than `CREATOR_BYTES` bytes.
    function open(bytes calldata proof) internal pure returns (address creator, bytes calldata halo2Proof) {
        creator = address(bytes20(proof[:CREATOR_BYTES]));
        halo2Proof = proof[CREATOR_BYTES:];
    }

    /// @notice The instance column: latent words, image words, pose, chain id, collection, creator.
    /// @dev `check` must have passed. The last four are bound to the proof because the transcript absorbs every instance.
    function instances(bytes calldata prompt, bytes calldata aigcData, uint256 chainId, address collection, address creator)
        internal
        pure
        returns (uint256[] memory words)
    {
        uint256 latentLength = prompt.length - 1;
        uint256 latentWords = wordCount(latentLength);
        uint256 imageWords = wordCount(aigcData.length);
        words = new uint256[](latentWords + imageWords + CONTEXT_WORDS);
        _pack(prompt[:latentLength], words, 0);
        _pack(aigcData, words, latentWords);
        uint256 context = latentWords + imageWords;
        words[context] = uint8(prompt[latentLength]);
        words[context + 1] = chainId;
        words[context + 2] = uint160(collection);
        words[context + 3] = uint160(creator);
    }

    /// @notice Number of words that `packed` makes of `length` bytes, rounded up.
    function wordCount(uint256 length) internal pure returns (uint256) {
        return (length + WORD_BYTES - 1) / WORD_BYTES;
    }

    /// @dev Writes `packed(data)` into `words` from position `first` on. `words` must have `wordCount(data.length)` places there.
    function _pack(bytes calldata data, uint256[] memory words, uint256 first) private pure {
        // Memory safe: writes only to the elements first .. first + wordCount(data.length) - 1, which the one caller allocated.
        // Reads beyond `data` are cut off by `mask`, reads beyond the calldata give zeros. No sum wraps: offsets and lengths of
        // calldata are below 2^64, which the ABI decoder checked.
        assembly ("memory-safe") {
            let to := add(add(words, 0x20), shl(5, first))
            let from := data.offset
            let left := data.length
            for {} gt(left, 30) {} {
                mstore(to, shr(8, calldataload(from))) // 31 bytes, big-endian, below 2^248
                to := add(to, 0x20)
                from := add(from, 31)
                left := sub(left, 31)
            }
            if left {
                // 1 to 30 bytes are left; the other 31 - left low bytes of the word are padding.
                let mask := not(sub(shl(shl(3, sub(31, left)), 1), 1))
                mstore(to, and(shr(8, calldataload(from)), mask))
            }
        }
    }

    /// @dev Whether any byte of `data` is above 127.
    function _hasTopBit(bytes calldata data) private pure returns (bool found) {
        // Memory safe: touches no memory. The last partial word is shifted so that only bytes of `data` count. Nothing wraps:
        // the ABI decoder bounds offset and length, and the loop stops before `left` would go below zero.
        assembly ("memory-safe") {
            let from := data.offset
            let left := data.length
            let bits := 0
            for {} gt(left, 31) {} {
                bits := or(bits, calldataload(from))
                from := add(from, 32)
                left := sub(left, 32)
            }
            if left {
                // Shifting right by 32 - left whole bytes drops the bytes beyond the end and keeps the others aligned to bytes.
                bits := or(bits, shr(shl(3, sub(32, left)), calldataload(from)))
            }
            found := iszero(iszero(and(bits, TOP_BITS)))
        }
    }
}
